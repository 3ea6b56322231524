// Notifications on this device: only ever asked for by a tap, and mended at launch.
import { me } from "../../../web/static/js/page.js";
import { readState } from "./store.js";
import { pushState, reportSubscription, subscribeWith } from "./subscription.js";

export function pushPermission() {
  return navigator.serviceWorker && "PushManager" in self && "Notification" in self ? Notification.permission : "unsupported";
}

// Gives whether this device gets notifications now.
export async function enablePush() {
  if (await Notification.requestPermission() !== "granted") return false;
  await connectPush();
  return true;
}

// One at a time: what is turned on by a tap must not be undone by what a launch finds.
export const connectPush = (anew = false) => navigator.locks.request("push", async () => bindPush(anew, await pushState()));

async function bindPush(anew, { key }) {
  const { pushManager } = await navigator.serviceWorker.ready;
  const old = await pushManager.getSubscription();
  const before = old?.endpoint || await readState("endpoint");
  if (anew) await old?.unsubscribe();
  const answer = await reportSubscription(await subscribeWith(pushManager, key), before, me);
  localStorage.setItem("push-of", me);
  return answer;
}

export const repairPush = () => connectPush(true);

export async function disablePush() {
  const { subscription } = await pushState();
  if (subscription) await fetch(`/push/subscriptions/${subscription.id}`, { method: "DELETE", headers: { "X-Act": "1", "X-Account": me } });
  const { pushManager } = await navigator.serviceWorker.ready;
  await (await pushManager.getSubscription())?.unsubscribe();
}

// Once a launch: the network may have lost this device, or got another key. What somebody else turned on here ends:
// whoever signs in next is asked for a tap of their own.
async function resync() {
  const { pushManager } = await navigator.serviceWorker.ready;
  const subscription = await pushManager.getSubscription();
  if (!subscription) return;
  if (localStorage.getItem("push-of") !== me) return void await subscription.unsubscribe();
  const state = await pushState();
  // Taken off from elsewhere it stays off, until a tap here.
  if (state.off) return void await subscription.unsubscribe();
  // Told of it before, the network has dropped it since: the push service does not know it, though the browser does.
  const dead = subscription.endpoint === await readState("endpoint") && !state.subscription;
  await bindPush(dead, state);
  sessionStorage.setItem("pushed", me);
}

/** When no other page is at it. */
export const resyncOnce = async () => navigator.locks?.request("push", resync);
