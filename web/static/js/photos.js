// Pictures: their colours before they come, and what a tap on one does.
import { isPlainClick, lazy } from "./main.js";

const root = document.documentElement;
const gallery = lazy(() => import("./gallery.js"));

function paintPhotos(place) {
  for (const photo of place.querySelectorAll("[data-hash]:not([style])")) photo.style.backgroundImage = `url(${draw(thumbHash(photo.dataset.hash))})`;
  for (const photo of place.querySelectorAll(".photos [data-kind=animated]")) onScreen.observe(photo);
}

/**
 * Gives {width, height, pixels: RGBA bytes} of a ThumbHash (evanw.github.io/thumbhash): a few waves of light, yellow and
 * red, packed by domain/media/thumbhash.py.
 */
export function thumbHash(text) {
  const hash = Uint8Array.from(atob(text), (one) => one.charCodeAt());
  const head = hash[0] | (hash[1] << 8) | (hash[2] << 16), tail = hash[3] | (hash[4] << 8);
  const wide = tail >> 15, few = Math.max(3, tail & 7);
  const [across, down] = wide ? [7, few] : [few, 7];
  let at = 0;
  const waves = (nx, ny, mean, scale) => {
    const found = [[0, 0, mean]];
    for (let y = 0; y < ny; y++) for (let x = y ? 0 : 1; x * ny < nx * (ny - y); x++, at++) found.push([x, y, (((hash[5 + (at >> 1)] >> ((at & 1) << 2)) & 15) / 7.5 - 1) * scale]);
    return found;
  };
  const light = waves(across, down, (head & 63) / 63, ((head >> 18) & 31) / 31);
  const yellow = waves(3, 3, ((head >> 6) & 63) / 31.5 - 1, (((tail >> 3) & 63) / 63) * 1.25);
  const red = waves(3, 3, ((head >> 12) & 63) / 31.5 - 1, (((tail >> 9) & 63) / 63) * 1.25);
  const width = 16, height = Math.max(4, Math.round((16 * (wide ? few : 7)) / (wide ? 7 : few)));
  const pixels = new Uint8ClampedArray(width * height * 4);
  const value = (terms, x, y) => terms.reduce((sum, [fx, fy, term]) => sum + term * Math.cos((Math.PI / width) * (x + 0.5) * fx) * Math.cos((Math.PI / height) * (y + 0.5) * fy) * (fx || fy ? 2 : 1), 0);
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i += 4) {
    const l = value(light, x, y), p = value(yellow, x, y), q = value(red, x, y);
    const blue = l - (2 / 3) * p, r = (3 * l - blue + q) / 2;
    pixels.set([r * 255, (r - q) * 255, blue * 255, 255], i);
  }
  return { width, height, pixels };
}

function draw({ width, height, pixels }) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
  return canvas.toDataURL();
}

// Animations move while one sees them, unless one wants things to stand still, or to save data.
const isStill = matchMedia("(prefers-reduced-motion: reduce)");
const onScreen = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) if (isIntersecting && !isStill.matches && !("saver" in root.dataset)) animate(target);
}, { threshold: 0.5 });

function animate(photo) {
  onScreen.unobserve(photo);
  const image = photo.querySelector("img");
  image.removeAttribute("srcset");
  image.src = photo.href;
}

document.addEventListener("click", (event) => {
  const photo = event.target.closest(".photos a.photo");
  if (!photo || !isPlainClick(event)) return;
  event.preventDefault();
  const all = photo.closest(".photos");
  if ("saver" in root.dataset && !all.classList.contains("shown")) all.classList.add("shown");
  else gallery().then(({ open, play }) => (photo.dataset.kind === "video" ? play : open)(photo), () => { location.href = photo.href; });
});

paintPhotos(document);
document.addEventListener("htmx:load", (event) => paintPhotos(event.target));
