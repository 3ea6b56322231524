// Pictures: their colours before they come, and what a tap on one does.
function paintPhotos(place) {
  for (const shot of place.querySelectorAll("[data-hash]:not([style])")) shot.style.backgroundImage = `url(${thumbOf(shot.dataset.hash)})`;
  for (const shot of place.querySelectorAll(".photos .photo.moving")) sights.observe(shot);
}

// ThumbHash (evanw.github.io/thumbhash): a few waves of light, yellow and red, packed by domain/media/thumbhash.py.
function thumbOf(text) {
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
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d"), image = pen.createImageData(width, height);
  const value = (terms, x, y) => terms.reduce((sum, [fx, fy, term]) => sum + term * Math.cos((Math.PI / width) * (x + 0.5) * fx) * Math.cos((Math.PI / height) * (y + 0.5) * fy) * (fx || fy ? 2 : 1), 0);
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i += 4) {
    const l = value(light, x, y), p = value(yellow, x, y), q = value(red, x, y);
    const blue = l - (2 / 3) * p, r = (3 * l - blue + q) / 2;
    image.data.set([r * 255, (r - q) * 255, blue * 255, 255], i);
  }
  pen.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

// Animations move while one sees them, unless one wants things to stand still, or to save data.
const still = matchMedia("(prefers-reduced-motion: reduce)");
const sights = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) if (isIntersecting && !still.matches && !("saver" in root.dataset)) move(target);
}, { threshold: 0.5 });

function move(shot) {
  sights.unobserve(shot);
  const image = shot.querySelector("img");
  image.removeAttribute("srcset");
  image.src = shot.href;
}

document.addEventListener("click", (event) => {
  const shot = event.target.closest(".photos a.photo");
  if (!shot || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const all = shot.closest(".photos");
  if ("saver" in root.dataset && !all.classList.contains("shown")) all.classList.add("shown");
  else if (shot.matches(".video")) later("gallery").then(({ play }) => play(shot), () => { location.href = shot.href; });
  else later("gallery").then(({ open }) => open(shot, fromTemplate), () => { location.href = shot.href; });
});

paintPhotos(document);
document.addEventListener("htmx:load", (event) => paintPhotos(event.target));
