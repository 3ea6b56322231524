// What scripts say: how long ago, how many characters are left, how many wait to be read.
import assert from "node:assert/strict";
import { test } from "node:test";

import { globals } from "./browser.mjs";

const { relativeTime } = await import("../../web/static/js/relative_time.js");
const { countCharacters, updateCounter } = await import("../../web/static/js/counter.js");
const { showUnread } = await import("../../web/static/js/unread.js");
const MINUTE = 60000;

test("how long ago", () => {
  const now = Date.UTC(2026, 6, 1);
  const cases = [[0, "now"], [59999, "now"], [MINUTE, "1 min"], [59 * MINUTE, "59 min"], [60 * MINUTE, "1 h"], [1439 * MINUTE, "23 h"], [1440 * MINUTE, "1 d"], [10079 * MINUTE, "6 d"]];
  for (const [ms, text] of cases) assert.equal(relativeTime(now - ms, now), text);
  assert.equal(relativeTime(now - 10080 * MINUTE, now), null, "the server's date stays");
});

test("characters are counted as people count them", () => {
  assert.equal(countCharacters("  Été  "), 3);
  assert.equal(countCharacters("E\u0301te\u0301"), 3);
  assert.equal(countCharacters("👨‍👩‍👧‍👦🇫🇷"), 2);
  assert.equal(countCharacters(" \n "), 0);
});

function formOf(text, { states = [], limit = 60, busy = null } = {}) {
  const parts = { ".ring": { style: { setProperty() {} }, dataset: {} }, output: {}, ".send": {} };
  return {
    parts,
    ariaBusy: busy,
    dataset: { limit },
    elements: { text: { value: text, style: {} } },
    querySelector: (selector) => parts[selector],
    querySelectorAll: () => states.map((state) => ({ dataset: { state } })),
  };
}

test("the counter warns, and a post that can't be sent isn't", () => {
  globalThis.CSS = { supports: () => true };
  const after = (...given) => {
    const form = formOf(...given);
    updateCounter(form);
    return [form.parts[".ring"].dataset.tone, form.parts[".ring"].textContent, form.parts.output.textContent, form.parts[".send"].disabled];
  };
  assert.deepEqual(after(""), ["", "", "", true]);
  assert.deepEqual(after("12345"), ["", "", "", false]);
  assert.deepEqual(after("x".repeat(10)), ["near", 50, "", false]);
  assert.deepEqual(after("x".repeat(40)), ["near", 20, "20 characters left", false]);
  assert.deepEqual(after("x".repeat(60)), ["near", 0, "0 characters left", false]);
  assert.deepEqual(after("x".repeat(61)), ["over", -1, "Too long by 1", true]);
  assert.equal(after("", { states: ["there"] })[3], false, "a picture is a post");
  for (const state of ["sending", "waiting", "refused"]) assert.equal(after("Words", { states: ["there", state] })[3], true, state);
  assert.equal(after("Words", { states: ["kept"] })[3], false, "without a connection it goes along");
  assert.equal(after("Words", { busy: "true" })[3], true);
});

test("the unread count is in the badges and once in the title", () => {
  const badge = {};
  globals.document.querySelectorAll = (selector) => (selector === "[data-unread]" ? [badge] : []);
  const after = (unread) => { showUnread(unread); return [badge.textContent, badge.hidden, globals.document.title]; };
  assert.deepEqual(after(3), [3, false, "(3) Home"]);
  assert.deepEqual(after(120), ["99+", false, "(99+) Home"]);
  assert.deepEqual(after(0), ["", true, "Home"]);
});
