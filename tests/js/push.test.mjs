// Pushes: what the service worker shows of a payload, and to whom.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { json, serve } from "./browser.mjs";
import { clearDevice } from "./indexeddb.mjs";

Object.assign(globalThis, { VERSION: "test", SHELL: [], FONTS: [], ELSEWHERE: { en: "For another account", fr: "Pour un autre compte" } });

const store = await import("../../pwa/static/js/store.js");
const { keyOf } = await import("../../pwa/static/js/subscription.js");
const { announce, followNotification } = await import("../../pwa/worker/push.js");

let shown = [];
let told = [];
let badge = null;
let opened = "";
let asked = [];
const pushed = (payload) => ({ json: () => payload });
const noteFor = (account, more = {}) => ({ title: "Ana voted", body: "Words", tag: "7-vote", navigate: "/@tom/5", data: { account, receipt: "r1", post: "5" }, ...more });

beforeEach(async () => {
  clearDevice();
  shown = [];
  told = [];
  badge = null;
  opened = "";
  asked = serve(() => json({}));
  globalThis.registration = { showNotification: async (title, options) => { shown.push({ title, ...options }); } };
  globalThis.clients = { matchAll: async () => [{ url: "https://tilly.example/public", postMessage: (message) => told.push(message) }], openWindow: (url) => { opened = url; } };
  globalThis.navigator = { setAppBadge: async (count) => { badge = count; }, clearAppBadge: async () => { badge = 0; } };
  await store.switchAccount("7");
});

test("a push is shown with what pressing it opens, and its receipt is sent", async () => {
  await announce(pushed({ notification: noteFor("7", { actions: [{ action: "vote", title: "Vote", navigate: "/posts/5/vote" }] }), app_badge: 3 }));
  const [one] = shown;
  assert.deepEqual([one.title, one.body, one.renotify], ["Ana voted", "Words", true]);
  assert.deepEqual(one.actions, [{ action: "vote", title: "Vote" }]);
  assert.deepEqual(one.data, { account: "7", receipt: "r1", post: "5", navigate: "/@tom/5", ways: { vote: "/posts/5/vote" } });
  assert.equal(badge, 3);
  assert.deepEqual(told, [{ unread: 3, account: "7" }]);
  assert.deepEqual(asked.map(({ url, body }) => [url, body]), [["/push/receipts", '{"receipt":"r1"}']]);
});

test("a silent one does not ring again, and nothing unread clears the badge", async () => {
  await announce(pushed({ notification: noteFor("7", { silent: true }), app_badge: 0 }));
  assert.equal(shown[0].renotify, false);
  assert.equal(badge, 0);
});

test("what is for another account says nothing of itself", async () => {
  await store.writeState("lang", "fr");
  await announce(pushed({ notification: noteFor("8"), app_badge: 3 }));
  assert.equal(shown.length, 1);
  assert.equal(shown[0].title, "Pour un autre compte");
  assert.ok(!JSON.stringify(shown).includes("Ana"));
  assert.deepEqual([badge, told], [null, []]);
});

test("every push shows something, also one that can't be read", async () => {
  await announce(pushed({}));
  await announce({ json() { throw new SyntaxError(); } });
  await announce(null);
  assert.deepEqual(shown.map(({ title }) => title), Array(3).fill("For another account"));
  assert.deepEqual(asked, []);
});

test("a vote from a notification is sent, or waits like one on a page", async () => {
  asked = serve(() => { throw new TypeError("Failed to fetch"); });
  await followNotification("vote", { account: "7", post: "5" });
  const [waiting] = await store.queuedActions("7");
  assert.deepEqual([waiting.url, waiting.kind, waiting.status], ["/posts/5/vote?value=up&_method=PUT", "vote", "waiting"]);
  assert.equal(opened, "");
});

test("for another account than the one that is here nothing is done, and the page asks", async () => {
  await followNotification("vote", { account: "8", post: "5", navigate: "/@tom/5", ways: { vote: "/posts/5/vote" } });
  assert.deepEqual(await store.queuedActions("8"), []);
  assert.equal(opened, "https://tilly.example/posts/5/vote?for=8");
});

test("a notification never opens another site", async () => {
  await followNotification("", { account: "7", navigate: "https://evil.example/x" });
  assert.equal(opened, "https://tilly.example/?for=7");
});

test("the key of a subscription, as the server writes it", () => {
  const key = Uint8Array.from([251, 239, 190, 255]).buffer;
  assert.equal(keyOf({ options: { applicationServerKey: key } }), Buffer.from(key).toString("base64url"));
  assert.equal(keyOf({}), "");
});
