// Notifications on this device: only ever asked for by a tap, and mended at launch.
function pushPermission() {
  return navigator.serviceWorker && "PushManager" in self && "Notification" in self ? Notification.permission : "unsupported";
}

// Gives whether this device gets notifications now.
async function enablePush() {
  if (await Notification.requestPermission() !== "granted") return false;
  await connectPush();
  return true;
}

// One at a time: what is turned on by a tap must not be undone by what a launch finds.
const connectPush = (anew = false) => navigator.locks.request("push", async () => bindPush(anew, await pushState()));

async function bindPush(anew, { key }) {
  const { pushManager } = await navigator.serviceWorker.ready;
  const old = await pushManager.getSubscription();
  const before = old?.endpoint || await recall("endpoint");
  if (anew) await old?.unsubscribe();
  const told = await reportSubscription(await subscribeWith(pushManager, key), before, me);
  localStorage.setItem("push-of", me);
  return told;
}

const repairPush = () => connectPush(true);

async function disablePush() {
  const { subscription } = await pushState();
  if (subscription) await fetch(`/push/subscriptions/${subscription.id}`, { method: "DELETE", headers: { "X-Act": "1", "X-Account": me } });
  const { pushManager } = await navigator.serviceWorker.ready;
  await (await pushManager.getSubscription())?.unsubscribe();
}

// Once a launch: the network may have lost this device, or got another key. What somebody else turned on here ends:
// whoever signs in next is asked for a tap of their own.
async function resyncPush() {
  if (me === "0" || isCopy || pushPermission() !== "granted" || sessionStorage.getItem("pushed") === me) return;
  const { pushManager } = await navigator.serviceWorker.ready;
  const subscription = await pushManager.getSubscription();
  if (!subscription) return;
  if (localStorage.getItem("push-of") !== me) return void await subscription.unsubscribe();
  const state = await pushState();
  // Taken off from elsewhere it stays off, until a tap here.
  if (state.off) return void await subscription.unsubscribe();
  // Told of it before, the network has dropped it since: the push service does not know it, though the browser does.
  const dead = subscription.endpoint === await recall("endpoint") && !state.subscription;
  await bindPush(dead, state);
  sessionStorage.setItem("pushed", me);
}

function offerPush() {
  if (location.pathname !== "/notifications" || isCopy || me === "0" || pushPermission() !== "default" || localStorage.getItem("push-offer")) return;
  const line = fromTemplate("push-offer").firstElementChild;
  const end = () => { line.remove(); localStorage.setItem("push-offer", "no"); };
  line.querySelector("[data-do=no]").addEventListener("click", end);
  line.querySelector("[data-do=yes]").addEventListener("click", () => enablePush().then((on) => { end(); if (on) toast(said.pushed); }, () => toast(words.failed, { error: true })));
  document.querySelector("main > header")?.after(line);
}

self.parvis = { ...self.parvis, enablePush, repairPush, disablePush, pushPermission, timeOfCopy, me };
offerPush();
if (navigator.locks) navigator.locks.request("push", resyncPush).catch(() => {});
