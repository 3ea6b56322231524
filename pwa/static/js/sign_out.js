// Signing out: nothing of the member stays on the device. What is not sent yet is asked about first.
import { forgetDrafts } from "../../../web/static/js/drafts.js";
import { eventOver } from "../../../web/static/js/main.js";
import { fromTemplate, me } from "../../../web/static/js/page.js";
import { closeSheet, openSheet, sheet, sheetBody } from "../../../web/static/js/sheet.js";
import { connectPush } from "./push.js";
import { withQueue } from "./sending.js";
import { countActions, dropAction, queuedActions, switchAccount } from "./store.js";

const PATIENCE_MS = 3000;
let isSure = false;

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const out = form.matches("[data-signout]") || event.submitter?.matches("[data-signout]");
  if (!out || isSure || event.defaultPrevented) return;
  event.preventDefault();
  const unsent = await queuedActions(me).catch(() => []);
  if (unsent.length && !(await confirmLoss())) return;
  // Whatever the browser does with it: signing out itself must not wait for long.
  const purging = purgeMember();
  const purged = await Promise.race([purging, new Promise((done) => setTimeout(done, PATIENCE_MS))]);
  // Else the server has the browser clear all there is, with what others on this device have not sent yet.
  if (!purged && (await anyUnsent()) && !(await confirmLoss())) return void purging.then(signInAgain).catch(() => {});
  forgetMember();
  if (purged) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "purged", value: "1" }));
  isSure = true;
  // A browser that keeps nothing has said no to all of this at once.
  await eventOver();
  form.requestSubmit(event.submitter);
}, true);

const anyUnsent = () => countActions().catch(() => 0);

function confirmLoss() {
  openSheet(fromTemplate("unsent-question"), document.activeElement);
  return new Promise((done) => {
    sheetBody.querySelector(".danger").addEventListener("click", () => { done(true); closeSheet(); });
    sheet.addEventListener("close", () => done(false), { once: true });
  });
}

// Gives whether all of that is gone. What others have not sent yet stays, and what this device was told for good.
let pushEnded = false;
async function purgeMember() {
  try {
    await withQueue(async () => { for (const action of await queuedActions(me)) await dropAction(action.id); });
    await switchAccount("0");
    const registered = await navigator.serviceWorker?.getRegistration();
    const subscription = await registered?.pushManager?.getSubscription();
    pushEnded = Boolean(await subscription?.unsubscribe());
    await navigator.clearAppBadge?.().catch(() => {});
    return true;
  } catch { return false; }
}

// The member stays after all, and so does this device theirs.
async function signInAgain() {
  await switchAccount(me);
  if (pushEnded) await connectPush();
}

// Nothing asks any more: this can't be taken back.
function forgetMember() {
  forgetDrafts();
  try {
    sessionStorage.clear();
    localStorage.removeItem("push-of");
  } catch { /* a browser that keeps nothing */ }
}
