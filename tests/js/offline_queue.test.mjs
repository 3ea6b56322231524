// The offline queue: what waits is sent in its order, once, by whoever is here.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { json, serve } from "./browser.mjs";
import { clearDevice } from "./indexeddb.mjs";

const store = await import("../../pwa/static/js/store.js");
const { restUntil, sendQueue } = await import("../../pwa/static/js/sending.js");
const HOUR_MS = 3600000;

let reports = [];
const report = (one) => { reports.push(one.sent ? `sent ${one.sent.url}` : `refused ${one.refused.url}`); };
const action = (url, more = {}) => ({ account: "7", method: "POST", url, status: "waiting", at: 1, ...more });
const offline = () => { throw new TypeError("Failed to fetch"); };

beforeEach(async () => {
  clearDevice();
  reports = [];
  await store.switchAccount("7");
});

async function fill(...actions) {
  for (const one of actions) await store.putAction(one);
}

const left = async (account = "7") => (await store.queuedActions(account)).map(({ url, status }) => `${url} ${status}`);

test("what waits is sent in its order, as the member who made it", async () => {
  await fill(action("/one"), action("/two", { account: "8" }), action("/three", { status: "refused" }), action("/four"));
  const asked = serve(() => json({ ok: true }));
  assert.equal(await sendQueue(report), true);
  assert.deepEqual(asked.map(({ url, headers }) => [url, headers["X-Account"]]), [["/one", "7"], ["/four", "7"]]);
  assert.deepEqual(reports, ["sent /one", "sent /four"]);
  assert.deepEqual(await left(), ["/three refused"]);
  assert.deepEqual(await left("8"), ["/two waiting"]);
});

test("without a connection all of it waits, in its order", async () => {
  await fill(action("/one"), action("/two"));
  const asked = serve(offline);
  assert.equal(await sendQueue(report), false);
  assert.equal(asked.length, 1);
  assert.deepEqual(await left(), ["/one waiting", "/two waiting"]);
});

test("a refusal is kept with its reason, and what comes after is sent", async () => {
  await fill(action("/one"), action("/two"));
  serve((url) => (url === "/one" ? json({ error: { message: "Too long" } }, 422) : json({})));
  assert.equal(await sendQueue(report), true);
  assert.deepEqual(reports, ["refused /one", "sent /two"]);
  const [refused] = await store.queuedActions("7");
  assert.deepEqual([refused.status, refused.reason], ["refused", "Too long"]);
});

test("a post that new rules keep out stays with its words, and goes once they are accepted", async () => {
  await fill(action("/posts", { kind: "post", text: "What I typed", body: "text=What+I+typed" }));
  serve(() => json({ error: { code: "rules-changed", message: "This network has new rules." } }, 403));
  assert.equal(await sendQueue(report), true);
  assert.deepEqual(reports, ["refused /posts"]);
  const [refused] = await store.queuedActions("7");
  assert.deepEqual([refused.status, refused.code, refused.reason], ["refused", "rules-changed", "This network has new rules."]);
  assert.deepEqual([refused.text, refused.body], ["What I typed", "text=What+I+typed"]);
  await store.putAction({ ...refused, status: "waiting", attempts: 0 });
  const asked = serve(() => json({ id: "11" }, 201));
  assert.equal(await sendQueue(report), true);
  assert.equal(asked[0].body, "text=What+I+typed");
  assert.deepEqual(await left(), []);
});

test("a crowded server is left alone for as long as it says", async () => {
  await fill(action("/one"));
  const asked = serve(() => json({}, 503, { "Retry-After": "60" }));
  assert.equal(await sendQueue(report), false);
  assert.equal(await sendQueue(report), false);
  assert.equal(asked.length, 1);
  assert.deepEqual(await left(), ["/one waiting"]);
});

test("what a server can't do is tried eight times", async () => {
  await fill(action("/one"));
  serve(() => json({ error: {} }, 500));
  for (let time = 1; time < 8; time++) assert.equal(await sendQueue(report), false);
  assert.equal(await sendQueue(report), true);
  assert.deepEqual(await left(), ["/one refused"]);
});

test("for a member who is signed out nothing is sent, and nothing is tried again by itself", async () => {
  await fill(action("/one"), action("/two"));
  for (const answer of [() => json({}, 401), () => json({ error: { code: "other_account" } }, 409)]) {
    const asked = serve(answer);
    assert.equal(await sendQueue(report), true);
    assert.equal(asked.length, 1);
  }
  assert.deepEqual(await left(), ["/one waiting", "/two waiting"]);
});

test("pictures go first, each once, and the post names them by what the server calls them", async () => {
  const file = new Blob(["picture"]);
  await fill(action("/posts", { body: "text=Hi&alt.local-a=One&alt.local-b=Two", files: [{ key: "a", file }, { key: "b", file }] }));
  let asked = serve((url) => (url === "/media?key=b" ? offline() : json({ id: "11" }, 201)));
  assert.equal(await sendQueue(report), false);
  assert.deepEqual(asked.map(({ url }) => url), ["/media?key=a", "/media?key=b"]);
  asked = serve((url) => json({ id: url === "/media?key=b" ? "12" : "99" }, 201));
  assert.equal(await sendQueue(report), true);
  assert.deepEqual(asked.map(({ url }) => url), ["/media?key=b", "/posts"]);
  assert.equal(asked[1].body, "text=Hi&alt.11=One&alt.12=Two");
});

test("when a server may be asked again", () => {
  const about = (given, ms) => assert.ok(Math.abs(restUntil(given) - ms) < 1000, given);
  about("30", Date.now() + 30000);
  about(new Date(Date.now() + 60000).toUTCString(), Date.now() + 60000);
  about("999999", Date.now() + HOUR_MS);
  assert.equal(restUntil(null), 0);
  assert.equal(restUntil("soon"), 0);
});

test("another account finds nothing of the one before but what that has not sent yet", async () => {
  await fill(action("/one"));
  await store.writeState("endpoint", "https://push.example/1");
  assert.equal(await store.switchAccount("8"), true);
  assert.equal(await store.readState("me"), "8");
  assert.equal(await store.readState("endpoint"), undefined);
  assert.deepEqual(await store.queuedActions("8"), []);
  assert.deepEqual(await left("7"), ["/one waiting"]);
});

test("a page that was asked for before the last account came says nothing about now", async () => {
  const before = Date.now() - 1000;
  await store.switchAccount("8");
  assert.equal(await store.switchAccount("7", before), false);
  assert.equal(await store.readState("me"), "8");
  assert.equal(await store.switchAccount("8", before), true);
});

test("what another app has shared is for whoever was here or signs in next, for a day", async () => {
  const keep = async (account, at = Date.now()) => store.writeState("shared", { text: "Hi", files: [], account, at });
  await keep("0");
  await store.switchAccount("8");
  assert.ok(await store.readState("shared"));
  await keep("8");
  await store.switchAccount("7");
  assert.equal(await store.readState("shared"), undefined);
  await keep("0", Date.now() - 24 * HOUR_MS);
  await store.switchAccount("8");
  assert.equal(await store.readState("shared"), undefined);
});
