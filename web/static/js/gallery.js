// Pictures large, one beside the other: by swipe, arrow or key; nearer by two fingers, a wheel, or two taps.
import { fromTemplate } from "./page.js";

const NEAREST = 6;

export function open(shot) {
  const shots = [...shot.closest(".photos").querySelectorAll("a.photo:not([data-kind=video])")];
  const dialog = fromTemplate("gallery").firstElementChild;
  const track = dialog.querySelector(".track");
  const slides = shots.map(slideOf);
  track.replaceChildren(...slides);
  document.body.append(dialog);
  let now = shots.indexOf(shot);

  const show = (index, behavior = "instant") => {
    now = Math.max(0, Math.min(index, slides.length - 1));
    slides[now].scrollIntoView({ behavior, inline: "center", block: "nearest" });
    tell();
  };
  // One's own pictures one doesn't report; a guest names the post.
  const report = dialog.querySelector(".report");
  const post = shot.closest("[data-url]").dataset.url;
  report.hidden = post.startsWith(report.dataset.own);
  const tell = () => {
    report.href = report.dataset.report + (report.dataset.sheet === undefined ? encodeURIComponent(post) : shots[now].dataset.media);
    const alt = shots[now].dataset.alt;
    const words = dialog.querySelector(".words");
    words.hidden = !alt;
    words.textContent = alt;
    dialog.querySelector(".place").textContent = slides.length > 1 ? `${now + 1} / ${slides.length}` : "";
    dialog.querySelector(".before").disabled = now === 0;
    dialog.querySelector(".after").disabled = now === slides.length - 1;
  };
  const glide = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");
  const step = (by) => { reset(slides[now]); show(now + by, glide()); };

  dialog.querySelector(".before").addEventListener("click", () => step(-1));
  dialog.querySelector(".after").addEventListener("click", () => step(1));
  for (const side of dialog.querySelectorAll(".before, .after")) side.hidden = slides.length < 2;
  dialog.addEventListener("keydown", (event) => {
    const rtl = document.documentElement.dir === "rtl" ? -1 : 1;
    const act = { ArrowLeft: () => step(-rtl), ArrowRight: () => step(rtl), Home: () => show(0), End: () => show(slides.length - 1), "+": () => zoom(slides[now], 1.5), "-": () => zoom(slides[now], 1 / 1.5), 0: () => reset(slides[now]) }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  track.addEventListener("scroll", () => {
    const at = slides.findIndex((slide) => Math.abs(slide.getBoundingClientRect().left + slide.clientWidth / 2 - innerWidth / 2) < slide.clientWidth / 2);
    if (at >= 0 && at !== now) { now = at; tell(); }
  }, { passive: true });
  // Beside the picture, where one also pressed: a finger that moved it lets go anywhere.
  let pressed = null;
  dialog.addEventListener("pointerdown", (event) => { pressed = event.target; }, true);
  dialog.addEventListener("click", (event) => { if (event.target.closest(".close") || pressed?.matches(".slide, .track")) dialog.close(); });
  const leave = () => dialog.close();
  history.pushState({ gallery: true }, "");
  addEventListener("popstate", leave);
  dialog.addEventListener("close", () => {
    removeEventListener("popstate", leave);
    if (history.state?.gallery) history.back();
    dialog.remove();
    shots[now].focus({ preventScroll: true });
  });
  dialog.showModal();
  show(now);
  for (const slide of slides) feel(slide, dialog);
}

function slideOf(shot) {
  const small = shot.querySelector("img");
  const slide = Object.assign(document.createElement("figure"), { className: "slide" });
  const image = document.createElement("img");
  for (const name of ["width", "height", "alt"]) image.setAttribute(name, small.getAttribute(name));
  if (shot.dataset.kind === "animated") image.src = shot.href;
  else {
    if (small.srcset) Object.assign(image, { sizes: "100vw", srcset: small.srcset });
    image.src = shot.href;
  }
  // What is there already, until the large one is.
  if (small.complete) image.style.backgroundImage = `url("${small.currentSrc}")`;
  slide.append(image);
  slide.view = { scale: 1, x: 0, y: 0 };
  return slide;
}

function zoom(slide, by, at = { x: innerWidth / 2, y: innerHeight / 2 }) {
  const view = slide.view;
  const scale = Math.max(1, Math.min(Math.max(NEAREST, fill(slide)), view.scale * by));
  const box = slide.getBoundingClientRect();
  const middle = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  // What lies under the fingers stays there.
  const part = scale / view.scale;
  view.x = (at.x - middle.x) * (1 - part) + view.x * part;
  view.y = (at.y - middle.y) * (1 - part) + view.y * part;
  view.scale = scale;
  place(slide);
}

// How much nearer a long picture must be to be as wide as the screen, or a wide one as high.
const fill = (slide) => Math.max(slide.clientWidth / slide.firstElementChild.clientWidth, slide.clientHeight / slide.firstElementChild.clientHeight) || 1;

function place(slide) {
  const { view } = slide;
  const image = slide.firstElementChild;
  const edge = { x: Math.max(0, (image.clientWidth * view.scale - slide.clientWidth) / 2), y: Math.max(0, (image.clientHeight * view.scale - slide.clientHeight) / 2) };
  view.x = Math.max(-edge.x, Math.min(edge.x, view.x));
  view.y = Math.max(-edge.y, Math.min(edge.y, view.y));
  image.style.transform = view.scale > 1 ? `translate(${view.x}px, ${view.y}px) scale(${view.scale})` : "";
  slide.classList.toggle("near", view.scale > 1);
}

function reset(slide) {
  slide.view = { scale: 1, x: 0, y: 0 };
  place(slide);
}

function feel(slide, dialog) {
  const fingers = new Map();
  let spread = 0;
  let tapped = 0;
  const apart = () => { const [one, two] = [...fingers.values()]; return Math.hypot(one.x - two.x, one.y - two.y); };
  slide.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && slide.view.scale === 1) return;
    event.preventDefault();
    zoom(slide, event.deltaY < 0 ? 1.15 : 1 / 1.15, { x: event.clientX, y: event.clientY });
  }, { passive: false });
  slide.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) spread = apart();
    if (slide.view.scale > 1 || fingers.size === 2) slide.setPointerCapture(event.pointerId);
  });
  slide.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) {
      const [one, two] = [...fingers.values()];
      zoom(slide, apart() / (spread || 1), { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 });
      spread = apart();
    } else if (slide.view.scale > 1) {
      slide.view.x += event.clientX - before.x;
      slide.view.y += event.clientY - before.y;
      place(slide);
    }
  });
  for (const end of ["pointerup", "pointercancel"]) slide.addEventListener(end, (event) => { fingers.delete(event.pointerId); });
  slide.addEventListener("pointerup", (event) => {
    if (fingers.size) return;
    const quick = event.timeStamp - tapped < 320;
    tapped = quick ? 0 : event.timeStamp;
    if (quick) slide.view.scale > 1 ? reset(slide) : zoom(slide, Math.max(2.5, fill(slide)), { x: event.clientX, y: event.clientY });
  });
  // Down and away closes, as phones do it.
  let from = null;
  slide.addEventListener("touchstart", (event) => { from = event.touches.length === 1 && slide.view.scale === 1 ? event.touches[0] : null; }, { passive: true });
  slide.addEventListener("touchend", (event) => {
    const to = event.changedTouches[0];
    if (from && to.clientY - from.clientY > 110 && Math.abs(to.clientX - from.clientX) < 60) dialog.close();
    from = null;
  }, { passive: true });
}

// A video plays where it stands.
export function play(shot) {
  const video = Object.assign(document.createElement("video"), { src: shot.href, controls: true, autoplay: true, playsInline: true, ariaLabel: shot.dataset.alt });
  const image = shot.querySelector("img");
  if (image) Object.assign(video, { poster: image.currentSrc, width: image.width, height: image.height });
  const frame = Object.assign(document.createElement("div"), { className: "photo video" });
  frame.append(video);
  shot.replaceWith(frame);
  video.focus();
}
