// What makes the site an app, on every page: the service worker, the offline queue, and what is offered. Like web/static's
// main.js it loads a module when the page has something for it, and the rest when the page is at rest.
import { atRest, lazy, onFirst, prepare } from "../../../web/static/js/main.js";
import { queuedActions, readState, switchAccount } from "./store.js";

const VISITS = "visits";
const TAKEOVER_MS = 1000;
// By the clock of now: a page's own beginning is told by one that may have slept.
const ASKED_AT = Date.now() - performance.now();
const root = document.documentElement;
const me = root.dataset.me || "0";
const pageIs = (path) => location.pathname === path;
// From the device and not from the network: a copy tells nothing new about who is here.
const isCopy = "saved" in root.dataset;
const isInstalled = matchMedia("(display-mode: standalone)").matches || navigator.standalone;

const copies = lazy(() => import("./copies.js"));
const logWarning = lazy(() => import("./log_warning.js"));
const installOffer = lazy(() => import("./install_offer.js"));
const queue = lazy(() => import("./offline_queue.js"));
const push = lazy(() => import("./push.js"));
const pushOffer = lazy(() => import("./push_offer.js"));
const shared = lazy(() => import("./shared.js"));
const signOut = lazy(() => import("./sign_out.js"));
const standalone = lazy(() => import("./standalone.js"));
const updates = lazy(() => import("./updates.js"));

// The offline queue takes over from web/static/js/delivery.js.
document.addEventListener("deliver", ({ detail }) => { detail.send = queue().then(({ deliver }) => deliver); });
onFirst("submit", signOut, ({ target, submitter }) => target.matches("[data-signout]") || submitter?.matches("[data-signout]"));
navigator.serviceWorker?.addEventListener("message", ({ data }) => {
  if (data.rewritten) logWarning().then(({ warn }) => warn(), () => {});
  else queue().then(({ receive }) => receive(data), () => {});
});

if (isCopy) prepare(copies);
if (isInstalled) prepare(standalone);
if (pageIs("/compose") && /[?&](shared|text)=/.test(location.search)) prepare(shared);
if (me !== "0") queuedActions(me).then((actions) => { if (actions.length) prepare(queue); }, () => {});
// Without a service worker it can't be had once the connection is away: it comes with the first thing that is done.
for (const type of ["pointerdown", "keydown"]) addEventListener(type, () => prepare(queue), { once: true, passive: true });
atRest(() => { prepare(queue); prepare(signOut); });

// A page that the browser had put aside may be of somebody who is not here any more.
addEventListener("pageshow", async ({ persisted }) => {
  const known = persisted ? await readState("me").catch(() => me) : me;
  if (known !== undefined && known !== me) location.reload();
});

// Who is here is kept on the device. The service worker, where the browser has one, is told of it, and replaced by a
// newer one only when the person says so.
async function startWorker() {
  const isLate = !isCopy && await switchAccount(me, ASKED_AT).catch(() => true) === false;
  if (!navigator.serviceWorker) return;
  const registered = await navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" }).catch(() => null);
  if (!registered) return;
  watchForUpdates(registered);
  const { active } = await navigator.serviceWorker.ready;
  if (!isCopy && !isLate) active.postMessage({ me, lang: root.lang, asOf: ASKED_AT, told: document.querySelector(".moving-address")?.dataset.to });
}

function watchForUpdates(registered) {
  // One that takes over by itself is not offered. It can do so when the one before has nothing to do: no module is asked for.
  const offer = (worker) => setTimeout(() => {
    if (worker.state === "installed" && navigator.serviceWorker.controller) updates().then(({ offerUpdate }) => offerUpdate(worker), () => {});
  }, TAKEOVER_MS);
  if (registered.waiting) offer(registered.waiting);
  registered.addEventListener("updatefound", () => {
    const worker = registered.installing;
    worker.addEventListener("statechange", () => { if (worker.state === "installed") offer(worker); });
  });
  // An app stays open for days.
  document.addEventListener("visibilitychange", () => { if (!document.hidden) registered.update().catch(() => {}); });
}

if (document.readyState === "complete") startWorker();
else addEventListener("load", startWorker);

/** The browser's own question whether to install, for a page that asks it at a tap; its bar stays away. */
export const installer = { prompt: null };
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  installer.prompt = event;
  dispatchEvent(new Event("installable"));
  offerInstall();
});

function offerInstall() {
  if (!isInstalled && isThirdVisit() && !pageIs("/install")) installOffer().then(({ offer }) => offer(VISITS), () => {});
}

// A visit is a tab's life. Where the browser keeps nothing, nothing is offered.
function isThirdVisit() {
  try {
    if (!sessionStorage.getItem(VISITS)) {
      sessionStorage.setItem(VISITS, "1");
      localStorage.setItem(VISITS, Number(localStorage.getItem(VISITS)) + 1);
    }
    return localStorage.getItem(VISITS) === "3";
  } catch { return false; }
}

// Safari on iOS and Firefox install without telling scripts.
if (navigator.standalone === false || /Android.*(Firefox|Samsung)/.test(navigator.userAgent)) offerInstall();
else isThirdVisit();

function startPush() {
  if (me === "0" || isCopy || !("PushManager" in self && "Notification" in self)) return;
  if (Notification.permission === "granted" && sessionStorage.getItem("pushed") !== me) push().then(({ resyncOnce }) => resyncOnce(), () => {});
  if (Notification.permission === "default" && pageIs("/notifications") && !localStorage.getItem("push-offer")) prepare(pushOffer);
}

try {
  if (sessionStorage.getItem("midway")) updates().then(({ resume }) => resume(), () => {});
  if (navigator.serviceWorker) startPush();
} catch { /* a browser that keeps nothing */ }
