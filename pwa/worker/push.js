// Pushes: shown, counted, confirmed, and acted upon. Every push shows something, as browsers demand.
import { sendQueue } from "../static/js/sending.js";
import { putAction, readState } from "../static/js/store.js";
import { keyOf, pushState, reportSubscription, subscribeWith } from "../static/js/subscription.js";
import { tellPages } from "./clients.js";
import { movesTo, takeMove } from "./domain_migration.js";

export async function announce(data) {
  let payload = {};
  try { payload = data.json(); } catch { /* an empty push, or not one of ours */ }
  const note = payload.notification || {};
  const account = note.data?.account;
  const mine = account && account === await readState("me");
  // Where the network is is no secret of whoever is here.
  await (note.data?.move ? showMove(note) : mine ? show(note, payload.app_badge) : showElsewhere(account, await readState("lang")));
  const receipt = note.data?.receipt;
  if (receipt) await fetch("/push/receipts", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ receipt }) }).catch(() => {});
}

async function show(note, unread) {
  const { title, navigate, actions = [], data, ...rest } = note;
  const addresses = Object.fromEntries(actions.map((one) => [one.action, one.navigate]));
  await registration.showNotification(title || location.hostname, {
    ...rest,
    actions: actions.map(({ action, title: words }) => ({ action, title: words })),
    data: { ...data, navigate, ways: addresses },
    renotify: Boolean(rest.tag && !rest.silent),
  });
  if (unread === undefined) return;
  await (unread ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.())?.catch(() => {});
  await tellPages({ unread, account: data?.account });
}

async function showMove(note) {
  // A push that is not to be believed shows that there was one, and nothing of what it says.
  await show(await takeMove(note.data.move) ? note : { lang: note.lang });
}

// Who is here may not read what is for somebody else.
function showElsewhere(account, lang) {
  const words = ELSEWHERE[lang] || ELSEWHERE.en;
  return registration.showNotification(words, { lang: lang || "en", tag: `elsewhere-${account}`, data: { account, navigate: "/notifications" } });
}

export async function followNotification(action, data) {
  const url = data.account === await readState("me") && addressOf(action, data);
  if (!url) return openPage(data.ways?.[action] || data.navigate || "/", data.account);
  await putAction({ account: data.account, method: "POST", url, kind: action, text: "", at: Date.now(), status: "waiting" });
  // Without a connection it is sent later, like anything that was pressed on a page.
  await registration.sync?.register("outbox").catch(() => {});
  await sendQueue(tellPages);
}

function addressOf(action, { post, actor }) {
  if (action === "vote" && post) return `/posts/${post}/vote?value=up&_method=PUT`;
  if (action === "accept" && actor) return `/requests/${actor}?_method=PUT`;
  return "";
}

// In the window that has it, else in one that is looked at, else in a new one.
async function openPage(address, account) {
  let url = new URL(address, location.origin);
  // From the network at its new address, with the same pages.
  if (url.origin !== location.origin) url = new URL(url.origin === await movesTo() ? url.pathname + url.search : "/", location.origin);
  if (account) url.searchParams.set("for", account);
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  // The same address for somebody else is another page.
  const own = !account || account === await readState("me");
  const same = own && windows.find((one) => bareAddress(one.url) === bareAddress(url));
  const seen = same || windows.find((one) => one.visibilityState === "visible");
  try {
    await seen?.focus();
  } catch { /* a browser that lets nobody come to the fore */ }
  try {
    // What stands there may be hours old, and half a thought be written below it: the page knows.
    if (same) return same.postMessage({ renew: url.href });
    if (seen) return await seen.navigate(url.href);
  } catch { /* a window that is not ours to lead */ }
  return clients.openWindow(url.href);
}

function bareAddress(address) {
  const url = new URL(address);
  url.searchParams.delete("for");
  return url.pathname + url.search;
}

// The push service gave the device another address, or the network has another key.
export async function renewSubscription(event) {
  const before = event.oldSubscription?.endpoint || await readState("endpoint");
  const { key, account, off } = await pushState();
  if (account !== await readState("me")) return;
  // Taken off from elsewhere, a device stays off.
  if (off) return void await event.newSubscription?.unsubscribe();
  const now = event.newSubscription && keyOf(event.newSubscription) === key ? event.newSubscription : await subscribeWith(registration.pushManager, key);
  await reportSubscription(now, before, account);
}
