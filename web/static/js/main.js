// The first script of every page. It loads a behaviour at once if the page has something for it, else with the first
// event that is meant for it, and the rest when the page is at rest. Each module then listens for itself.
const REST_MS = 3000;
// What is pressed goes first.
const SIGN_MS = 300;
const SIGNS = ["pointerdown", "pointermove", "keydown", "scroll"];

/**
 * Gives a function that imports a module, once. Of two imports of a module that is on its way, the second may be
 * answered before the first, and two keys would change places. One that failed is asked for again.
 */
export function lazy(load) {
  let coming = null;
  const module = () => {
    coming ??= load().then(
      (found) => { module.isLoaded = true; return found; },
      (error) => { coming = null; throw error; },
    );
    return coming;
  };
  module.isLoaded = false;
  return module;
}

/** Imports a module that the page can do without: what it does is then left to the browser. */
export const prepare = (module) => module().catch(() => {});

/**
 * Resolves when the event that is being handled is over. A form that is asked to be sent while its submit event is still
 * on its way does nothing, and what only waits for promises may be done before the event has come to its end.
 */
export const eventOver = () => new Promise((done) => { setTimeout(done); });

/**
 * Loads a module with the first event that is meant for it, which is repeated once the module listens. It may be there
 * already, brought by another one: then too the event comes to its end first, and later ones wait behind it.
 */
export function onFirst(type, module, isMeant) {
  let held = 0;
  let isRepeating = false;
  addEventListener(type, async (event) => {
    if ((module.isLoaded && !held) || isRepeating || event.defaultPrevented || !isMeant(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    held++;
    await Promise.all([prepare(module), eventOver()]);
    held--;
    isRepeating = true;
    repeat(event);
    isRepeating = false;
  }, true);
}

// Links and forms do by themselves only what the browser is asked to do in these ways.
function repeat(event) {
  const { type, target, submitter } = event;
  if (type === "click") clickable(target).click();
  else if (type !== "submit") target.dispatchEvent(new event.constructor(type, event));
  else if (!submitter) target.requestSubmit();
  else if (submitter.form === target && !submitter.disabled) target.requestSubmit(submitter);
}

// A sign inside of a button is no HTML element.
const clickable = (node) => (node.click ? node : clickable(node.parentElement));

/** Calls `run` once: soon after a first sign of a reader, or when the page is loaded and nothing more comes. */
export function atRest(run) {
  let timer = 0;
  let isOver = false;
  const end = () => { if (!isOver) { isOver = true; arrivals.disconnect(); run(); } };
  const wait = () => { clearTimeout(timer); timer = setTimeout(end, REST_MS); };
  const arrivals = new PerformanceObserver(wait);
  const watch = () => { arrivals.observe({ type: "resource" }); wait(); };
  if (document.readyState === "complete") watch();
  else addEventListener("load", watch);
  for (const sign of SIGNS) addEventListener(sign, () => setTimeout(end, SIGN_MS), { once: true, passive: true });
}

export const isPlainClick = (event) => !(event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

const actions = lazy(() => import("./actions.js"));
const autocomplete = lazy(() => import("./autocomplete.js"));
const compose = lazy(() => import("./compose.js"));
const crop = lazy(() => import("./crop.js"));
const feed = lazy(() => import("./feed.js"));
const keyboard = lazy(() => import("./keyboard.js"));
const live = lazy(() => import("./live_updates.js"));
const menus = lazy(() => import("./menus.js"));
const notifications = lazy(() => import("./notifications.js"));
const onceForms = lazy(() => import("./once_forms.js"));
const photos = lazy(() => import("./photos.js"));
const relativeTime = lazy(() => import("./relative_time.js"));
const share = lazy(() => import("./share.js"));
const sheet = lazy(() => import("./sheet.js"));
const theme = lazy(() => import("./theme.js"));
const timeZone = lazy(() => import("./time_zone.js"));
const toast = lazy(() => import("./toast.js"));
const unread = lazy(() => import("./unread.js"));

const root = document.documentElement;
const PHOTOS = ".photos, [data-hash]";

// At sign-out in another window nothing more is kept in this one (drafts.js), which is loaded again when it is next looked
// at, as whoever is signed in by then. A page listens from its beginning, whatever it has loaded of drafts.
new BroadcastChannel("signed-out").addEventListener("message", ({ data }) => {
  if (data !== (root.dataset.me || "0") || "signedOut" in root.dataset) return;
  root.dataset.signedOut = "";
  addEventListener("focus", () => location.reload(), { once: true });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) location.reload(); });
});

// What a page has that can't wait.
const AT_ONCE = [
  ["main > .compose", compose],
  [".ancestors ~ .focus", feed],
  [".notes[data-upto]", notifications],
  ["[data-once]", onceForms],
  [PHOTOS, photos],
  [":root:not([data-theme=auto])", theme],
  ["[data-zone]", timeZone],
];
for (const [selector, module] of AT_ONCE) if (document.querySelector(selector)) prepare(module);
try {
  if (document.querySelector(".compose") && Object.keys(localStorage).some((name) => name.startsWith("draft:"))) prepare(compose);
  if (sessionStorage.getItem(`place:${location.pathname}${location.search}`)) prepare(feed);
} catch { /* a browser that keeps nothing */ }

// Until compose.js takes a form over, nothing can be sent of one in which nothing is written.
const sendOf = (form) => form.querySelector(".send");
const BLANK = ".compose:has(> textarea:placeholder-shown):has(> .attachments:empty)";
for (const form of document.querySelectorAll(BLANK)) sendOf(form).disabled = true;
addEventListener("input", ({ target }) => {
  const form = target.closest(".compose:not([data-ready])");
  if (form) sendOf(form).disabled = form.matches(BLANK);
});

onFirst("submit", actions, ({ target, submitter }) => target.id === "act" && submitter);
onFirst("submit", compose, ({ target }) => target.matches(".compose"));
onFirst("submit", theme, ({ submitter }) => submitter?.name === "theme");
onFirst("click", sheet, (event) => event.target.closest("a[data-sheet]") && isPlainClick(event));
onFirst("click", share, ({ target }) => target.closest(".share, [data-share], [data-copy]"));
onFirst("click", feed, (event) => isPlainClick(event) && opensPost(event));
onFirst("click", feed, (event) => isPlainClick(event) && event.target.closest("[data-back]"));
onFirst("change", compose, ({ target }) => target.matches(".compose [type=file]"));
onFirst("change", crop, ({ target }) => target.matches("form[data-crop] [type=file]"));
/** Prepares the field that somebody has entered. `isTyped`: they have typed in it already. */
export function enter(field, isTyped) {
  if (field.closest(".compose")) prepare(compose);
  if (!field.matches("textarea[data-complete]")) return;
  field.addEventListener("input", () => { isTyped = true; }, { once: true });
  autocomplete().then(({ completeIn }) => completeIn(field, isTyped), () => {});
}

addEventListener("focusin", ({ target }) => enter(target, false));
// A field may be entered, and typed in, before this script has come.
if (document.activeElement) enter(document.activeElement, document.activeElement.value !== document.activeElement.defaultValue);

/** Whether a click lies beside everything in a post that does something of its own. */
export function opensPost({ target }) {
  const inPost = target.closest(".post:not(.focus)");
  return inPost && !target.closest("a, button, summary, input, details:not([open]), label") && !String(getSelection());
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("#sheet[open]")) return;
  // A key that is held goes through posts, and presses nothing twice.
  if (event.repeat && !/^[jk]$/.test(event.key)) return;
  if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) return;
  const opens = event.key === "Enter" && document.activeElement.matches(".post");
  // A decision is chosen by its digit or letter only where one is offered.
  if (!opens && !/^[gjknhpourx/?]$/.test(event.key) && !document.querySelector(`[data-key~="${CSS.escape(event.key)}"]`)) return;
  event.preventDefault();
  keyboard().then(({ press }) => press(event.key), () => {});
});

document.addEventListener("htmx:load", ({ target }) => { if (target.matches(PHOTOS) || target.querySelector(PHOTOS)) prepare(photos); });
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target.matches?.(".older")) feed().then(({ rememberOlder }) => rememberOlder(target.getAttribute("href")), () => {});
});
// What the margin fetches by itself nobody has asked for.
for (const [type, responseOf] of [["htmx:sendError", () => null], ["htmx:responseError", ({ xhr }) => new Response(null, { status: xhr.status })]])
  document.addEventListener(type, ({ target, detail }) => {
    if (!target.closest?.("aside")) toast().then(({ toastFailure }) => toastFailure(responseOf(detail)), () => {});
  });

let isLive = false;
async function startLive() {
  if (isLive || document.hidden || root.dataset.me === "0") return;
  const found = await live().catch(() => null);
  if (found && !isLive) found.start();
  isLive ||= Boolean(found);
}

atRest(() => {
  for (const module of [unread, sheet, actions, compose, feed, menus, photos, relativeTime, share, theme, toast]) prepare(module);
  startLive();
  document.addEventListener("visibilitychange", startLive);
});

// A page that comes too late is shown without a transition, which is no error.
for (const type of ["pageswap", "pagereveal"]) addEventListener(type, ({ viewTransition }) => {
  viewTransition?.ready.catch(() => {});
  viewTransition?.finished.catch(() => {});
});

// While a page fades in, a press meets the picture of it, which answers to nothing. The press ends the fading, and is
// repeated for what the picture shows.
const pictures = () => document.getAnimations().filter(({ effect }) => effect?.pseudoElement?.startsWith("::view-transition"));
let hasMetPicture = false;
addEventListener("pointerdown", ({ target }) => {
  const met = target === root ? pictures() : [];
  for (const one of met) one.finish();
  hasMetPicture = met.length > 0;
});
addEventListener("click", async (event) => {
  if (event.target !== root || !hasMetPicture) return;
  while (pictures().length) await new Promise(requestAnimationFrame);
  const shown = document.elementFromPoint(event.clientX, event.clientY);
  if (!shown || shown === root) return;
  if (shown.matches("input, textarea, select")) shown.focus();
  shown.dispatchEvent(new event.constructor("click", event));
});
