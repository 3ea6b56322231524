// Who is here is kept on the device. The service worker, where the browser has one, is told of it, and replaced by a
// newer one only when the person says so.
// By the clock of now: a page's own beginning is told by one that may have slept.
const ASKED_AT = Date.now() - performance.now();
async function startWorker() {
  const late = !isCopy && await become(me, ASKED_AT).catch(() => true) === false;
  if (!navigator.serviceWorker) return;
  const registered = await navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" }).catch(() => null);
  if (!registered) return;
  watchForUpdates(registered);
  const { active } = await navigator.serviceWorker.ready;
  if (!isCopy && !late) active.postMessage({ me, lang: root.lang, asOf: ASKED_AT, told: document.querySelector(".moves")?.dataset.to });
}

function watchForUpdates(registered) {
  const offer = (worker) => { if (worker && navigator.serviceWorker.controller) offerUpdate(worker); };
  offer(registered.waiting);
  registered.addEventListener("updatefound", () => {
    const worker = registered.installing;
    worker.addEventListener("statechange", () => { if (worker.state === "installed") offer(worker); });
  });
  // An app stays open for days.
  document.addEventListener("visibilitychange", () => { if (!document.hidden) registered.update().catch(() => {}); });
}

function offerUpdate(worker) {
  toast(said.update, { label: said.reload, act: "/", seconds: 60 });
  const button = toasts.lastElementChild.querySelector("button");
  button.type = "button";
  button.addEventListener("click", () => {
    keepMidway();
    // Another window may have agreed before.
    if (worker.state !== "installed") return location.reload();
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    worker.postMessage({ skipWaiting: true });
  });
}

// What is being written is a draft; the sheet around it is opened again.
function keepMidway() {
  if (document.querySelector("#sheet[open] .compose")) sessionStorage.setItem("midway", sheetAddress);
}

function resumeMidway() {
  const address = sessionStorage.getItem("midway");
  sessionStorage.removeItem("midway");
  if (!address) return;
  const { pathname, search } = new URL(address, location);
  fetchSheet(address, document.querySelector(`a[data-sheet][href="${CSS.escape(pathname + search)}"]`));
}

function timeOfCopy(ms) {
  const time = new Date(ms);
  const today = time.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(root.lang, today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(time);
}

function showCopy() {
  const saved = Number(root.dataset.saved);
  if (!saved) return;
  const line = fromTemplate("copy-line");
  line.querySelector("span").textContent = counted(said.saved, timeOfCopy(saved));
  document.getElementById("main").prepend(line);
  // Older pages would only be missed again and again; the link stays.
  for (const older of document.querySelectorAll(".older")) older.removeAttribute("hx-get");
}

showCopy();
resumeMidway();
if (document.readyState === "complete") startWorker();
else addEventListener("load", startWorker);
