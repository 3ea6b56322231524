// Cuts a picture of oneself before it is sent: moved by finger, mouse or arrows, nearer by wheel, fingers, slider or + and -.
import { fromTemplate, me } from "./page.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toastFailure } from "./toast.js";

const WHOLE = 10000;

document.addEventListener("change", ({ target }) => {
  const form = target.closest("form[data-crop]");
  const file = form && target.files?.[0];
  if (file) crop(form, file);
});

function crop(form, file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  // A kind that this browser can't show: its middle is taken.
  image.addEventListener("error", () => send(form, file, null), { once: true });
  image.addEventListener("load", () => stage(form, file, image), { once: true });
}

function stage(form, file, image) {
  // Asked now: it is loaded anew when it moves from a template's document into the page.
  const { naturalWidth, naturalHeight } = image;
  const content = fromTemplate("crop");
  const box = content.firstElementChild;
  box.dataset.title = form.dataset.title;
  const frame = box.querySelector(".stage");
  frame.classList.add(form.dataset.crop);
  frame.append(image);
  image.alt = "";
  const slider = box.querySelector("input");
  const use = box.querySelector(".cta");
  const view = { scale: 1, x: 0.5, y: 0.5 };
  const ratio = form.dataset.crop === "header" ? 3 : 1;
  const wide = naturalWidth / naturalHeight > ratio;

  // In parts of the picture: how much of it the frame shows.
  const shown = () => ({ width: (wide ? ratio * naturalHeight / naturalWidth : 1) / view.scale, height: (wide ? 1 : naturalWidth / ratio / naturalHeight) / view.scale });
  const draw = () => {
    const part = shown();
    view.x = Math.max(part.width / 2, Math.min(1 - part.width / 2, view.x));
    view.y = Math.max(part.height / 2, Math.min(1 - part.height / 2, view.y));
    image.style.inlineSize = `${100 / part.width}%`;
    image.style.insetInlineStart = `${(-(view.x - part.width / 2) * 100) / part.width}%`;
    image.style.insetBlockStart = `${(-(view.y - part.height / 2) * 100) / part.height}%`;
    slider.value = view.scale;
  };
  const zoom = (by) => { view.scale = Math.max(1, Math.min(8, view.scale * by)); draw(); };
  const move = (x, y) => { const part = shown(); view.x -= x * part.width; view.y -= y * part.height; draw(); };

  slider.addEventListener("input", () => { view.scale = Number(slider.value); draw(); });
  frame.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1); }, { passive: false });
  frame.addEventListener("keydown", (event) => {
    const act = { ArrowLeft: () => move(0.04, 0), ArrowRight: () => move(-0.04, 0), ArrowUp: () => move(0, 0.04), ArrowDown: () => move(0, -0.04), "+": () => zoom(1.15), "=": () => zoom(1.15), "-": () => zoom(1 / 1.15) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  const fingers = new Map();
  const apart = () => { const [one, two] = [...fingers.values()]; return two ? Math.hypot(one.x - two.x, one.y - two.y) : 0; };
  frame.addEventListener("pointerdown", (event) => { fingers.set(event.pointerId, { x: event.clientX, y: event.clientY }); frame.setPointerCapture(event.pointerId); });
  frame.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const spread = apart();
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) zoom(apart() / (spread || 1));
    else move((event.clientX - before.x) / frame.clientWidth, (event.clientY - before.y) / frame.clientHeight);
  });
  for (const end of ["pointerup", "pointercancel"]) frame.addEventListener(end, (event) => fingers.delete(event.pointerId));
  use.addEventListener("click", async () => {
    const part = shown();
    use.ariaBusy = "true";
    use.disabled = true;
    const sent = await send(form, file, { left: view.x - part.width / 2, top: view.y - part.height / 2, ...part });
    use.disabled = false;
    use.ariaBusy = null;
    if (sent) closeSheet();
  });
  draw();
  openSheet(content, form.querySelector("input[type=file]"));
  frame.focus();
}

async function send(form, file, part) {
  const body = new FormData();
  for (const [name, value] of Object.entries(part || {})) body.set(name, Math.round(value * WHOLE));
  body.set("file", file);
  const response = await fetch(form.action, { method: "POST", body, headers: { "X-Act": "1", "X-Account": me } }).catch(() => null);
  if (!response?.ok) { toastFailure(response); return false; }
  location.assign(`/settings/profile?saved=${form.dataset.crop}`);
  return true;
}
