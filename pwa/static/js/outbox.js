// Sends a deed, or keeps it for when there is a connection.
const said = document.getElementById("said")?.dataset || {};
// From the device and not from the network: a copy tells nothing new about who is here.
const isCopy = "saved" in root.dataset;
const ASKING_MS = 15000;
let waiting = 0;

// The network's answer; undefined when the deed is kept, null when it can't be. A deed with no kind never is.
async function deliver(deed, headers) {
  // What waits goes first, and so do the pictures that were kept here.
  if ((!waiting && !deed.files?.length) || !deed.kind) {
    // What is pressed just before the page is left arrives all the same.
    const response = await fetch(deed.url, { method: "POST", keepalive: !deed.body, body: deed.body, headers: { ...deed.headers, ...headers, "X-Account": me }, redirect: "manual", signal: AbortSignal.timeout(ASKING_MS) }).catch(() => null);
    if (response || !deed.kind) return response;
  }
  return keepDeed(deed).catch(() => null);
}

async function keepDeed(deed) {
  if (me === "0") return null;
  if (!waiting || !navigator.onLine) toast(said.later);
  // Of two presses of a button the last counts.
  const path = (one) => one.url.split("?")[0];
  if (deed.kind !== "post") for (const old of await outboxOf(me)) if (old.status === "waiting" && path(old) === path(deed)) await dropDeed(old.id);
  await putDeed({ account: me, method: "POST", at: Date.now(), status: "waiting", ...deed });
  await showUnsent();
  const registered = await navigator.serviceWorker?.getRegistration();
  await registered?.sync?.register("outbox").catch(() => {});
  if (navigator.onLine) sendWaiting();
}

function sendWaiting() {
  const worker = navigator.serviceWorker?.controller;
  if (worker) worker.postMessage({ flush: true });
  else sendOutbox(hear).catch(() => {});
}

// A page that the browser had put aside may be of somebody who is not here any more.
addEventListener("pageshow", async ({ persisted }) => {
  const known = persisted ? await recall("me").catch(() => me) : me;
  if (known !== undefined && known !== me) location.reload();
});

// Each that was sent or refused, from the worker or from ourselves; and what a notification brought.
function hear({ sent, answer, refused, unread, account, renew }) {
  if (sent?.account === me) arriveLate(sent, answer);
  if (refused?.account === me) refuseLate(refused);
  if (sent || refused) showUnsent();
  if (unread !== undefined && account === me) showUnread(unread);
  if (renew && !isWriting()) location.replace(renew);
}
const isWriting = () => [...document.querySelectorAll("textarea, input:not([type=checkbox], [type=radio])")].some((one) => one.value !== one.defaultValue);
navigator.serviceWorker?.addEventListener("message", (event) => hear(event.data));

// Soon at first: a connection that has just come back often loses the first request. What was asked of the worker may
// have met its end, so that what still waits is sent from here.
const PAUSES = [3000, 10000, 60000];
let sendAgain = 0;
let pauses = 0;
function planSending() {
  clearTimeout(sendAgain);
  if (!waiting) pauses = 0;
  else sendAgain = setTimeout(() => { pauses++; sendOutbox(hear).catch(() => {}).then(showUnsent); }, PAUSES[Math.min(pauses, 2)]);
}

addEventListener("online", () => { pauses = 0; planSending(); if (waiting) sendWaiting(); });
showUnsent().then(async () => {
  for (const deed of waiting ? await outboxOf(me) : []) if (deed.status === "waiting") pressAhead(deed);
  if (waiting) sendWaiting();
}, () => {});
