// The public log's key, pinned when it is first seen, and its last checkpoint: one that does not continue it is a
// rewritten log, and its members are warned. Kept beside the network's keys, for the device and not for a member.
import { beaconOf, keepBeacon } from "./domain_migration.js";
import { consistencyProof, provesConsistency, sameBytes, tilePath } from "./log_proofs.js";

const LOG_LOOK_MS = 3600000;
// How long a rewritten log is warned of.
const LOG_WARNED_MS = 7 * 86400000;
const MAX_LOG_SIZE = 2 ** 40;
const fromBase64 = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

// Whether members are to be warned, now that it has been looked at, if it had to be.
export async function isLogRewritten() {
  const kept = await beaconOf("log");
  if (kept && Math.abs(Date.now() - kept.at) < LOG_LOOK_MS) return false;
  const found = await readCheckpoint(kept?.key);
  if (!found) return false;
  const isBroken = Boolean(kept) && !(found.isSigned && await continuesLog(kept, found));
  const now = { key: found.key, at: Date.now(), isBroken, brokenAt: kept?.brokenAt ?? 0 };
  // A log that stays another one, such as that of a network begun anew, is warned of once.
  if (isBroken && !kept.isBroken) now.brokenAt = now.at;
  // What comes next is compared with what the network has signed last, be it the log that was rewritten.
  const { size, root } = found.isSigned ? found : kept ?? {};
  if (root) await keepBeacon("log", { ...now, size, root });
  return now.at - now.brokenAt < LOG_WARNED_MS;
}

// The checkpoint by a key, or by the one that the network gives; null while it gives none, such as without a connection.
async function readCheckpoint(pinned) {
  const note = await readLog("checkpoint", "text");
  const key = pinned ?? (await readLog("key", "text"))?.trim();
  if (!note || !key) return null;
  const [name, id, raw] = /^(\S+?)\+([0-9a-f]{8})\+(\S+)$/.exec(key)?.slice(1) ?? [];
  // Something else may be in its place, such as the words of a proxy.
  const [, text, size, root] = /^((?:\S+)\n(\d{1,15})\n([A-Za-z0-9+/]{43}=)\n)\n/.exec(note) ?? [];
  if (!text) return null;
  const signature = note.split("\n").map((line) => line.match(/^— (\S+) (\S+)$/)).find((line) => line?.[1] === name)?.[2];
  const isOurs = Boolean(signature) && text.startsWith(`${name}\n`) && Number(size) < MAX_LOG_SIZE;
  const isSigned = isOurs && await isSignedBy(id, raw, text, signature).catch(() => false);
  // Nothing is pinned before something was right.
  return pinned || isSigned ? { key, isSigned, size: Number(size), root } : null;
}

// A browser that lacks Ed25519 still sees whether a log continues.
async function isSignedBy(id, raw, text, signed) {
  const [typed, signature] = [fromBase64(raw), fromBase64(signed)];
  const hex = [...signature.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hex !== id || typed.length !== 33 || typed[0] !== 1) return false;
  const key = await crypto.subtle.importKey("raw", typed.slice(1), "Ed25519", false, ["verify"]).catch((error) => {
    if (error.name !== "NotSupportedError") throw error;
  });
  return !key || crypto.subtle.verify("Ed25519", key, signature.slice(4), new TextEncoder().encode(text));
}

async function continuesLog(before, now) {
  const [oldRoot, root] = [fromBase64(before.root), fromBase64(now.root)];
  if (now.size <= before.size) return now.size === before.size && sameBytes(oldRoot, root);
  if (before.size === 0) return true;
  const tiles = new Map();
  const hashesOf = (level, number) => {
    const path = tilePath(level, number, now.size);
    if (!tiles.has(path)) tiles.set(path, readLog(path, "arrayBuffer").then(hashesIn));
    return tiles.get(path);
  };
  return provesConsistency(await consistencyProof(before.size, now.size, hashesOf), before.size, oldRoot, now.size, root);
}

function hashesIn(body) {
  if (!body) throw new Error("no tile");
  const bytes = new Uint8Array(body);
  return Array.from({ length: bytes.length / 32 }, (_, at) => bytes.slice(at * 32, at * 32 + 32));
}

// A file of the log; null when there is none now, or something else is in its place, such as a page that asks to sign in.
async function readLog(path, form) {
  // A tile that is not full yet may be another log's by now.
  const cache = /^tile\/[^.]+$/.test(path) ? "default" : "reload";
  const answer = await fetch(`/log/${path}`, { credentials: "omit", redirect: "manual", cache }).catch(() => null);
  const type = answer?.headers.get("content-type") ?? "";
  return answer?.ok && /^(text\/plain|application\/octet-stream)/.test(type) ? answer[form]() : null;
}
