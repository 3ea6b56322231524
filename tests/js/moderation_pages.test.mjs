// Pages: what the service worker keeps of them. Nothing of moderation is ever kept.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { serve } from "./browser.mjs";
import { clearDevice } from "./indexeddb.mjs";

Object.assign(globalThis, { VERSION: "test", SHELL: [], FONTS: [] });

const store = await import("../../pwa/static/js/store.js");
const { readPage } = await import("../../pwa/worker/pages.js");

const html = '<!doctype html>\n<html lang="en" data-me="7"><title>Case</title>';
let kept = {};
globalThis.caches = {
  open: async (name) => ({
    put: async (key) => (kept[name] ||= []).push(key),
    delete: async () => false,
    match: async () => undefined,
    keys: async () => [],
  }),
  match: async () => undefined,
  keys: async () => Object.keys(kept),
  delete: async () => true,
};

async function open(path) {
  const url = new URL(path, "https://tilly.example");
  const work = [];
  const event = { request: { url: url.href }, preloadResponse: Promise.resolve(), waitUntil: (one) => work.push(one) };
  const answer = await readPage(event, url);
  await Promise.all(work);
  return answer;
}

beforeEach(async () => {
  clearDevice();
  kept = {};
  serve(() => new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } }));
  await store.switchAccount("7");
});

test("a page that is read again and again is kept", async () => {
  await open("/public");
  assert.deepEqual(kept, { "pages-7": ["/public"] });
});

test("nothing of moderation is", async () => {
  for (const path of ["/moderation", "/moderation/cases/5", "/moderation/cases/5?for=7", "/moderation/care", "/moderation/brake", "/moderation/crisis", "/moderation/appeals/5"]) {
    assert.equal((await open(path)).status, 200);
  }
  assert.deepEqual(kept, {});
});
