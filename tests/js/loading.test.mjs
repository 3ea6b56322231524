// How modules are loaded when they are first needed.
import assert from "node:assert/strict";
import { test } from "node:test";

import { globals, serve } from "./browser.mjs";

const { enter, isPlainClick, lazy, onFirst, opensPost } = await import("../../web/static/js/main.js");
const { thumbHash } = await import("../../web/static/js/photos.js");

const settled = () => new Promise((done) => setTimeout(done));

test("a module is imported once, and asked for again when it did not come", async () => {
  let times = 0;
  const module = lazy(async () => { if (++times === 1) throw new Error("no connection"); return { times }; });
  await assert.rejects(module());
  assert.equal(module.isLoaded, false);
  assert.deepEqual(await Promise.all([module(), module()]), [{ times: 2 }, { times: 2 }]);
  assert.equal(module.isLoaded, true);
});

function press(type = "change") {
  const event = new Event(type, { cancelable: true });
  globals.dispatchEvent(event);
  return event;
}

// Dispatched on the window itself: what is repeated comes back there.
async function meanFor(type, load) {
  const heard = [];
  const module = lazy(async () => { await load?.(); globals.addEventListener(type, () => heard.push(type)); });
  onFirst(type, module, () => true);
  return { heard, module };
}

test("the event that loads a module is repeated for it, and later ones are left alone", async () => {
  const { heard } = await meanFor("first");
  assert.equal(press("first").defaultPrevented, true);
  assert.deepEqual(heard, []);
  await settled();
  assert.deepEqual(heard, ["first"]);
  assert.equal(press("first").defaultPrevented, false);
  assert.deepEqual(heard, ["first", "first"]);
});

test("without the module the browser does what it would do without scripts", async () => {
  const { module } = await meanFor("second", () => { throw new Error("no connection"); });
  const native = [];
  globals.addEventListener("second", (event) => native.push(event.defaultPrevented));
  press("second");
  await settled();
  assert.equal(module.isLoaded, false);
  assert.deepEqual(native, [false]);
});

const microtasks = async () => { for (let turn = 0; turn < 20; turn++) await null; };

test("a module that is there at once hears the event only when it is over, and later events after it", async () => {
  const heard = [];
  const module = lazy(async () => globals.addEventListener("third", ({ detail }) => heard.push(detail)));
  onFirst("third", module, () => true);
  const tell = (detail) => globals.dispatchEvent(new CustomEvent("third", { detail, cancelable: true }));
  tell("one");
  await microtasks();
  assert.equal(module.isLoaded, true);
  assert.deepEqual(heard, []);
  tell("two");
  await settled();
  assert.deepEqual(heard, ["one", "two"]);
  tell("three");
  assert.deepEqual(heard, ["one", "two", "three"]);
});

function textField(value) {
  const isOne = (selector) => selector === "textarea[data-complete]";
  return Object.assign(new EventTarget(), { value, selectionStart: value.length, dataset: { complete: "/complete" }, matches: isOne, closest: () => null });
}

test("offers are made for what was typed while their script was loading, not for a draft that was shown meanwhile", async () => {
  const asked = serve(() => new Response(""));
  const [typed, draft] = [textField("Ask @ben"), textField("Ask @ana")];
  for (const field of [typed, draft]) enter(field, false);
  typed.dispatchEvent(new Event("input"));
  await import("../../web/static/js/autocomplete.js");
  while (!asked.length) await settled();
  await settled();
  assert.deepEqual(asked.map(({ url }) => url), ["/complete?q=%40ben"]);
});

test("a click with a key or another button is the browser's own", () => {
  const plain = { button: 0, metaKey: false, ctrlKey: false, shiftKey: false, altKey: false };
  assert.equal(isPlainClick(plain), true);
  for (const name of ["metaKey", "ctrlKey", "shiftKey", "altKey"]) assert.equal(isPlainClick({ ...plain, [name]: true }), false);
  assert.equal(isPlainClick({ ...plain, button: 1 }), false);
});

test("a click opens a post where nothing else is meant", () => {
  globalThis.getSelection = () => "";
  const target = (...around) => ({ target: { closest: (selector) => around.find((one) => selector.split(", ").some((part) => part.startsWith(one))) } });
  assert.ok(opensPost(target(".post")));
  assert.ok(!opensPost(target(".post", "a")));
  assert.ok(!opensPost(target("p")));
  globalThis.getSelection = () => "some words";
  assert.ok(!opensPost(target(".post")));
});

test("the colours of a picture before it comes", () => {
  // As domain/media/thumbhash.py packs 32 by 16 pixels, red on the left and blue on the right.
  const { width, height, pixels } = thumbHash("mIYCpJ5weoaIiIiHiHiPiPiIiA==");
  assert.deepEqual([width, height, pixels.length], [16, 9, 16 * 9 * 4]);
  const [left, right] = [1, 14].map((x) => pixels.slice((4 * width + x) * 4, (4 * width + x) * 4 + 4));
  assert.ok(left[0] > left[2] + 100, `red on the left: ${left}`);
  assert.ok(right[2] > right[0] + 100, `blue on the right: ${right}`);
  assert.equal(left[3], 255);
});
