// The network's keys, pinned at the first run, and its last notice of a move. They belong to the device and not to a
// member, and outlive every update of this worker: a database of their own, which `switchAccount` does not clear.
import { readState } from "../static/js/store.js";
import { marked } from "./copies.js";
import { MOVED } from "./shell_cache.js";

const KNOWN = "/.well-known/parvis-move";
const CLOCK_SKEW_MS = 86400000;
// How long it is believed that the network still answers here.
const HERE_MS = 60000;
const ASKING_HERE_MS = 8000;
export const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
let seenHere = 0;

function openBeacon() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("parvis-beacon", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function beacon(mode, step) {
  const base = await openBeacon();
  try {
    return await new Promise((done, failed) => {
      const change = base.transaction("kept", mode);
      let found;
      step(change.objectStore("kept"), (value) => { found = value; });
      change.oncomplete = () => done(found);
      change.onabort = () => failed(change.error);
    });
  } finally { base.close(); }
}

export const beaconOf = (name) => beacon("readonly", (all, give) => { all.get(name).onsuccess = ({ target }) => give(target.result); });

export const keepBeacon = (name, value) => beacon("readwrite", (all) => { all.put(value, name); });

// What is pinned is never replaced: not even a key that the old one has signed.
const pin = (keys) => beacon("readwrite", (all, give) => {
  all.get("keys").onsuccess = ({ target }) => { if (target.result) give(target.result); else { all.put(keys, "keys"); give(keys); } };
});

const bytesOf = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
export const textOfBytes = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
export const newNonce = () => textOfBytes(crypto.getRandomValues(new Uint8Array(24)));
export const messageOf = (purpose, text) => new TextEncoder().encode(`parvis ${purpose}\n${text}`);

// Whether every signature that this browser can check is right; P-256 every browser can.
async function isSigned(keys, purpose, signed) {
  try {
    const message = messageOf(purpose, signed.text);
    const point = await crypto.subtle.importKey("raw", bytesOf(keys.p256), P256, false, ["verify"]);
    if (!(await crypto.subtle.verify(P256, point, bytesOf(signed.p256), message))) return false;
    const edwards = await crypto.subtle.importKey("raw", bytesOf(keys.ed25519), "Ed25519", false, ["verify"]).catch((error) => {
      if (error.name !== "NotSupportedError") throw error;
    });
    return !edwards || await crypto.subtle.verify("Ed25519", edwards, bytesOf(signed.ed25519), message);
  } catch { return false; }
}

async function idOf({ ed25519 }) {
  return textOfBytes((await crypto.subtle.digest("SHA-256", bytesOf(ed25519))).slice(0, 16));
}

// Keeps a notice: "new", "known", or "" for one that is not to be believed. Only one of this network, good now, for this
// address or the one that it was to go to from here, with a higher number than the one that is kept.
export async function takeMove(signed) {
  const keys = await beaconOf("keys");
  if (!keys || !(await isSigned(keys, "move", signed))) return "";
  const told = JSON.parse(signed.text);
  const now = Date.now();
  if (told.v !== 1 || told.network !== keys.network || !(told.at <= now + CLOCK_SKEW_MS && now < told.until)) return "";
  if (told.to && (!/^https?:\/\/[^/?#@\s]+$/.test(told.to) || (location.protocol === "https:" && !told.to.startsWith("https:")))) return "";
  return beacon("readwrite", (all, give) => {
    all.get("move").onsuccess = ({ target }) => {
      const before = target.result;
      if (before?.text === signed.text) return give("known");
      if (![location.origin, before?.to].includes(told.from) || told.to === location.origin) return give("");
      if (!(told.number > (before?.number ?? 0))) return give("");
      all.put({ ...told, text: signed.text }, "move");
      give("new");
    };
  });
}

// Where the network goes from here, if it does.
export async function movesTo() {
  const told = await beaconOf("move").catch(() => null);
  return told?.to && Date.now() < told.until ? told.to : "";
}

// What the network says of itself, once it has proved that it is the one whose keys are pinned; undefined when it says
// nothing now, null when somebody else answers.
export async function askHere() {
  const nonce = newNonce();
  const answer = await fetch(`${KNOWN}?nonce=${nonce}`, { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(ASKING_HERE_MS) }).catch(() => null);
  if (!answer || answer.status === 429 || answer.status >= 500) return undefined;
  const told = answer.ok && await answer.json().catch(() => null);
  if (!told?.keys || told.here?.text !== `${location.origin} ${nonce}`) return null;
  const fresh = { ...told.keys, network: await idOf(told.keys).catch(() => "") };
  if (!fresh.network || !(await isSigned(fresh, "here", told.here))) return null;
  const pinned = await pin(fresh);
  if (pinned.p256 !== fresh.p256 || pinned.ed25519 !== fresh.ed25519) return null;
  seenHere = Date.now();
  if (told.notice) await takeMove(told.notice);
  return told;
}

// Whether the network itself answers at this address. Asked only while it is said to move: else a page is a page.
export async function isHere() {
  return Date.now() - seenHere < HERE_MS || await askHere() !== null;
}

// The page that leads there, when there is such a place, and there may be a connection.
export async function movedPage() {
  if (!navigator.onLine || !(await movesTo())) return null;
  const found = await caches.match(MOVED);
  return found && marked(found, (await readState("me").catch(() => "")) || "0", "");
}
