// A newer version waits until the member agrees; what is being written is there again afterwards.
import { fetchSheet, sheetAddress } from "../../../web/static/js/sheet.js";
import { toast, toasts } from "../../../web/static/js/toast.js";
import { appWords } from "./words.js";

const MIDWAY = "midway";

export function offerUpdate(worker) {
  toast(appWords.update, { label: appWords.reload, act: "/", seconds: 60 });
  const button = toasts.lastElementChild.querySelector("button");
  button.type = "button";
  button.addEventListener("click", () => {
    keepSheet();
    // Another window may have agreed before.
    if (worker.state !== "installed") return location.reload();
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    worker.postMessage({ skipWaiting: true });
  });
}

// What is being written is a draft; the sheet around it is opened again.
function keepSheet() {
  if (document.querySelector("#sheet[open] .compose")) sessionStorage.setItem(MIDWAY, sheetAddress());
}

export function resume() {
  const address = sessionStorage.getItem(MIDWAY);
  sessionStorage.removeItem(MIDWAY);
  if (!address) return;
  const { pathname, search } = new URL(address, location);
  fetchSheet(address, document.querySelector(`a[data-sheet][href="${CSS.escape(pathname + search)}"]`));
}
