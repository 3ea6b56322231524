// A device's address for pushes, made with the network's key and told to the network. For pages and the service worker.
import { writeState } from "./store.js";

export async function pushState() {
  const response = await fetch("/push/state");
  if (!response.ok) throw new Error(`push state ${response.status}`);
  return response.json();
}

// The address that goes with the network's key; one that was made with another key is replaced.
export async function subscribeWith(manager, key) {
  const before = await manager.getSubscription();
  if (before && keyOf(before) === key) return before;
  await before?.unsubscribe();
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

export function keyOf(subscription) {
  const bytes = new Uint8Array(subscription.options?.applicationServerKey || []);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export async function reportSubscription(subscription, before, account) {
  let now = subscription;
  let response = await postSubscription(now, before, account);
  if (response.status === 409 && (await response.clone().json()).error?.code === "key") {
    // The network has given up the key that this was made with.
    const manager = self.registration?.pushManager || (await navigator.serviceWorker.ready).pushManager;
    await now.unsubscribe();
    now = await subscribeWith(manager, (await pushState()).key);
    response = await postSubscription(now, before, account);
  }
  if (!response.ok) throw new Error(`push subscription ${response.status}`);
  await writeState("endpoint", now.endpoint);
  return response.json();
}

function postSubscription(subscription, before, account) {
  const { endpoint, keys } = subscription.toJSON();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const subscribed = { endpoint, keys, key: keyOf(subscription), replaces: before && before !== endpoint ? before : null, zone, permission: "granted" };
  return fetch("/push/subscriptions", { method: "POST", headers: { "Content-Type": "application/json", "X-Act": "1", "X-Account": account }, body: JSON.stringify(subscribed) });
}
