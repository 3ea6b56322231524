// Short messages at the foot of the page, with at most one thing to do about them.
import { words } from "./page.js";

const FAILED = { 401: "expired", 429: "slow", 503: "away" };
const FADE_MS = 180;

export const toasts = document.getElementById("toasts");
const sheet = document.getElementById("sheet");
// In the top layer, a toast also shows above an open sheet; inside it, one can reach it while the rest is inert.
toasts.popover = "manual";
sheet.addEventListener("close", () => showToastsIn(document.body));

function showToastsIn(place) {
  if (toasts.parentElement !== place) place.append(toasts);
  if (toasts.matches(":popover-open")) toasts.hidePopover();
  if (toasts.childElementCount) toasts.showPopover();
}

export function toast(message, { error = false, label = "", act = "", href = "", seconds = 5 } = {}) {
  const box = document.createElement("div");
  box.className = error ? "toast failed" : "toast";
  const text = box.appendChild(document.createElement("p"));
  text.textContent = message;
  if (label) {
    const step = box.appendChild(document.createElement(href ? "a" : "button"));
    step.textContent = label;
    if (href) step.href = href;
    else { step.setAttribute("form", "act"); step.setAttribute("formaction", act); }
    step.addEventListener("click", () => setTimeout(() => fade(box)));
  }
  // One message at a time, except that a chance to undo stays as long as it lasts.
  for (const old of toasts.querySelectorAll(".toast:not(:has(button))")) old.remove();
  toasts.append(box);
  showToastsIn(sheet.open ? sheet : document.body);
  fadeAfter(box, seconds);
}

function fadeAfter(box, seconds) {
  let timer = setTimeout(fade, seconds * 1000, box);
  for (const [event, ms] of [["mouseenter", 0], ["focusin", 0], ["mouseleave", 2000], ["focusout", 2000]])
    box.addEventListener(event, () => { clearTimeout(timer); if (ms) timer = setTimeout(fade, ms, box); });
}

function fade(box) {
  box.classList.add("leaving");
  setTimeout(() => {
    box.remove();
    if (!toasts.childElementCount && toasts.matches(":popover-open")) toasts.hidePopover();
  }, FADE_MS);
}

/** Says why the server refused, or that it could not be reached when there is no response. */
export async function toastFailure(response, offline = words.offline) {
  let message = words[FAILED[response?.status]] || words.failed;
  const answer = await response?.clone().json().catch(() => null);
  if (answer?.error?.message) message = answer.error.message;
  if (!response) message = offline;
  const again = response?.status === 401;
  toast(message, { error: true, label: again ? words.signin : "", href: again ? "/signin" : "" });
}
