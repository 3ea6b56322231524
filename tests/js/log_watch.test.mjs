// The public log as the service worker watches it: what continues is silent, what was rewritten is found.
import assert from "node:assert/strict";
import { createHash, webcrypto } from "node:crypto";
import { beforeEach, test } from "node:test";

import { serve } from "./browser.mjs";
import { clearDevice } from "./indexeddb.mjs";

Object.assign(globalThis, { VERSION: "test", SHELL: [], FONTS: [] });

const { isLogRewritten } = await import("../../pwa/worker/log_watch.js");
const { keepBeacon, beaconOf } = await import("../../pwa/worker/domain_migration.js");
const { consistencyProof, provesConsistency, tilePath } = await import("../../pwa/worker/log_proofs.js");

const NAME = "parvis/log/test";
const hash = (...parts) => createHash("sha256").update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest();
const leaves = (count, text = "") => Array.from({ length: count }, (_, at) => hash([0], `${text}${at}`));
const tileOf = (tree, level, number) => tree.levels[level].slice(number * 256, number * 256 + 256);

// MTH as section 2.1 of RFC 6962 defines it.
function rootOf(list) {
  if (list.length === 1) return list[0];
  let split = 1;
  while (split * 2 < list.length) split *= 2;
  return hash([1], rootOf(list.slice(0, split)), rootOf(list.slice(split)));
}

function treeOf(list) {
  const levels = [list];
  while (levels.at(-1).length >= 256) {
    const below = levels.at(-1);
    levels.push(Array.from({ length: Math.floor(below.length / 256) }, (_, at) => rootOf(below.slice(at * 256, at * 256 + 256))));
  }
  return { size: list.length, root: rootOf(list), levels };
}

async function newSigner() {
  const pair = await webcrypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const raw = Buffer.concat([Buffer.from([1]), Buffer.from(await webcrypto.subtle.exportKey("raw", pair.publicKey))]);
  const id = hash(`${NAME}\n`, raw).subarray(0, 4);
  return {
    key: `${NAME}+${id.toString("hex")}+${raw.toString("base64")}`,
    async note({ size, root }) {
      const text = `${NAME}\n${size}\n${root.toString("base64")}\n`;
      const signature = Buffer.concat([id, Buffer.from(await webcrypto.subtle.sign("Ed25519", pair.privateKey, Buffer.from(text)))]);
      return `${text}\n— ${NAME} ${signature.toString("base64")}\n`;
    },
  };
}

const signer = await newSigner();
const other = await newSigner();

// The network has this log now; `change` changes an answer.
async function publish(tree, by = signer, change = (path, answer) => answer) {
  const files = new Map([["checkpoint", await by.note(tree)], ["key", `${by.key}\n`]]);
  return serve((url) => {
    const path = url.slice("/log/".length);
    const [, level, place] = /^tile\/(\d+)\/([x\d/]+)/.exec(path) ?? [];
    const number = Number(place?.replaceAll(/[x/]/g, ""));
    const body = files.get(path) ?? Buffer.concat(tileOf(tree, level, number));
    if (place) assert.equal(path, tilePath(Number(level), number, tree.size));
    const type = place ? "application/octet-stream" : "text/plain; charset=utf-8";
    return change(path, new Response(body, { headers: { "content-type": type } }));
  });
}

// An hour later.
const wait = async () => keepBeacon("log", { ...await beaconOf("log"), at: 0 });

async function look() {
  if (await beaconOf("log")) await wait();
  return isLogRewritten();
}

beforeEach(() => clearDevice());

test("proofs are right in trees of every kind, and for nothing else", async () => {
  for (const [old, size] of [[1, 2], [1, 7], [3, 7], [4, 7], [6, 7], [255, 256], [256, 257], [256, 600], [300, 600], [511, 512], [512, 700], [3, 700]]) {
    const tree = treeOf(leaves(size));
    const before = treeOf(leaves(old));
    const proof = await consistencyProof(old, size, async (level, number) => tileOf(tree, level, number));
    assert.ok(await provesConsistency(proof, old, before.root, size, tree.root), `${old} in ${size}`);
    assert.ok(!await provesConsistency(proof, old, treeOf(leaves(old, "x")).root, size, tree.root));
    assert.ok(!await provesConsistency(proof, old, before.root, size, hash("x")));
    assert.ok(!await provesConsistency(proof.slice(1), old, before.root, size, tree.root));
    assert.ok(!await provesConsistency([...proof, hash("x")], old, before.root, size, tree.root));
  }
});

test("addresses of tiles", () => {
  assert.equal(tilePath(0, 5, 2000), "tile/0/005");
  assert.equal(tilePath(0, 1, 300), "tile/0/001.p/44");
  assert.equal(tilePath(1, 0, 300), "tile/1/000.p/1");
  assert.equal(tilePath(0, 1234067, 2 ** 32), "tile/0/x001/x234/067");
});

test("a log that grows is silent, and is looked at once an hour", async () => {
  for (const size of [1, 2, 5, 5, 255, 256, 300, 700]) {
    await publish(treeOf(leaves(size)));
    assert.equal(await look(), false, `${size}`);
    assert.equal((await beaconOf("log")).size, size);
  }
  const asked = await publish(treeOf(leaves(5)));
  assert.equal(await isLogRewritten(), false);
  assert.deepEqual(asked, []);
});

test("a log that was rewritten is warned of for a week, and then compared with what it became", async () => {
  await publish(treeOf(leaves(300)));
  await look();
  const rewritten = leaves(400);
  rewritten[7] = hash([0], "another");
  await publish(treeOf(rewritten));
  assert.equal(await look(), true);
  await publish(treeOf([...rewritten, hash("more")]));
  assert.equal(await look(), true);
  const kept = await beaconOf("log");
  assert.equal(kept.size, 401);
  await keepBeacon("log", { ...kept, at: 0, brokenAt: Date.now() - 8 * 86400000 });
  assert.equal(await isLogRewritten(), false);
});

test("a fork of one size, and a log that got shorter", async () => {
  await publish(treeOf(leaves(5)));
  await look();
  await publish(treeOf([...leaves(4), hash("x")]));
  assert.equal(await look(), true);
  clearDevice();
  await publish(treeOf(leaves(5)));
  await look();
  await publish(treeOf(leaves(4)));
  assert.equal(await look(), true);
});

test("another key, or none, is no continuation, and what was pinned stays", async () => {
  await publish(treeOf(leaves(5)));
  await look();
  await publish(treeOf(leaves(6)), other);
  assert.equal(await look(), true);
  assert.deepEqual([(await beaconOf("log")).key, (await beaconOf("log")).size], [signer.key, 5]);
});

test("tiles that don't belong to the tree prove nothing", async () => {
  await publish(treeOf(leaves(300)));
  await look();
  const lied = (path, answer) => (path.startsWith("tile/0/001") ? new Response(Buffer.alloc(32 * 244), { headers: answer.headers }) : answer);
  await publish(treeOf(leaves(500)), signer, lied);
  assert.equal(await look(), true);
});

test("without a connection, or with a stranger's page in the log's place, nothing is said", async () => {
  await publish(treeOf(leaves(5)));
  await look();
  const pinned = await beaconOf("log");
  for (const change of [() => { throw new TypeError("offline"); }, () => new Response("<html>", { headers: { "content-type": "text/html" } }), () => new Response("", { status: 503 })]) {
    await publish(treeOf(leaves(9)), signer, change);
    assert.equal(await look(), false);
    assert.equal((await beaconOf("log")).size, pinned.size);
  }
  const halfway = (path, answer) => (path.startsWith("tile/") ? new Response("", { status: 503 }) : answer);
  await publish(treeOf(leaves(9)), signer, halfway);
  await assert.rejects(look(), /no tile/);
  assert.equal((await beaconOf("log")).size, pinned.size);
});

test("what was never right is not pinned", async () => {
  await publish(treeOf(leaves(5)), { key: other.key, note: signer.note });
  assert.equal(await look(), false);
  assert.equal(await beaconOf("log"), undefined);
});
