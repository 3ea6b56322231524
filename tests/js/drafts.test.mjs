import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { globals } from "./browser.mjs";

const { localStorage } = globals;
localStorage.setItem("draft:new", "Words of an earlier version, which does not say whose they are");
localStorage.setItem("draft:8:k", "{}");
const drafts = await import("../../web/static/js/drafts.js");
const keptNames = Object.keys(localStorage);

const KEY = "draft:7:k1";
const sent = (fields) => new URLSearchParams({ key: "k1", ...fields });
const draft = (fields = { text: "Half a thought" }, more = {}) => ({ ...drafts.draftFrom(sent(fields), "", []), ...more });

test("drafts of an earlier version go, those of others stay", () => {
  assert.deepEqual(keptNames, ["draft:8:k"]);
});

beforeEach(() => {
  localStorage.clear();
  localStorage.limit = Infinity;
});

test("a draft says what it is for", () => {
  assert.equal(draft().context, "new");
  assert.equal(draft({ reply_to: "5" }).context, "reply-5");
  assert.equal(draft({ quote: "6" }).context, "quote-6");
  assert.equal(drafts.draftFrom(sent({}), "edit-9", []).context, "edit-9");
});

test("a draft is read as it was stored", () => {
  const whole = draft({ text: "A", cover: "B", visibility: "followers" }, { media: [{ id: "1", upload: "u" }], lost: 1 });
  drafts.storeDraft(whole);
  assert.deepEqual(drafts.readDraft("k1"), whole);
});

test("an empty form is no draft", () => {
  drafts.storeDraft(draft());
  drafts.storeDraft(draft({ text: "  " }));
  assert.equal(localStorage.getItem(KEY), null);
  for (const more of [{ media: [{ id: "1" }] }, { coming: ["u"] }, { lost: 1 }]) {
    drafts.storeDraft(draft({ text: "" }, more));
    assert.notEqual(localStorage.getItem(KEY), null);
  }
});

test("without room for a draft the one before goes: it may be meant for more people", () => {
  drafts.storeDraft(draft());
  localStorage.limit = 10;
  drafts.storeDraft(draft({ text: "Half a thought, for followers", visibility: "followers" }));
  assert.equal(localStorage.getItem(KEY), null);
});

test("what can't be read is no draft", () => {
  localStorage.setItem(KEY, "{");
  assert.equal(drafts.readDraft("k1"), null);
  assert.deepEqual(drafts.listDrafts(), []);
});

test("the newest draft for the same purpose is shown, and nobody else's", () => {
  localStorage.setItem("draft:8:k", JSON.stringify(draft({ text: "Somebody else's" }, { at: 9 })));
  drafts.storeDraft(draft({ text: "Old" }, { key: "k1", at: 1 }));
  drafts.storeDraft(draft({ text: "New" }, { key: "k2", at: 2 }));
  drafts.storeDraft(draft({ text: "A reply", reply_to: "5" }, { key: "k3", at: 3 }));
  assert.equal(drafts.latestDraft("new", "").fields.text, "New");
  assert.equal(drafts.latestDraft("quote-1", ""), undefined);
  assert.equal(drafts.listDrafts().length, 3);
});

test("a draft for what a post said before goes", () => {
  drafts.storeDraft({ ...draft({ text: "Changed", version: "1" }), context: "edit-5" });
  assert.equal(drafts.latestDraft("edit-5", "2"), undefined);
  assert.equal(localStorage.getItem(KEY), null);
});

test("a picture that comes late is added only where one is missed", () => {
  const media = { id: "1", upload: "u" };
  assert.equal(drafts.addMedia("k1", media), false, "there is no draft");
  drafts.storeDraft(draft());
  assert.equal(drafts.addMedia("k1", media), false, "nothing is missing");
  drafts.storeDraft(draft({ text: "" }, { coming: ["u", "v"] }));
  assert.equal(drafts.addMedia("k1", media), true);
  assert.deepEqual(drafts.readDraft("k1").coming, ["v"]);
  drafts.storeDraft(draft({ text: "" }, { lost: 2 }));
  assert.equal(drafts.addMedia("k1", media), true);
  assert.deepEqual([drafts.readDraft("k1").lost, drafts.readDraft("k1").media.length], [1, 1]);
});

test("nothing is left at sign-out, and nothing is kept afterwards", () => {
  localStorage.setItem("draft:8:k", "{}");
  drafts.storeDraft(draft());
  assert.equal(drafts.draftsEnded(), false);
  drafts.forgetDrafts();
  assert.equal(drafts.draftsEnded(), true);
  assert.deepEqual(Object.keys(localStorage), ["draft:8:k"]);
});
