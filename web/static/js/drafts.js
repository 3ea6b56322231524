// Drafts: everything that a form for a post holds, as one object in localStorage.
//   { key, context, at, fields, media, coming, lost }
// `key` publishes it once; `context` is new, reply-ID, quote-ID or edit-ID; `fields` are named as in the form; `media`
// is a list of { id, kind, src, file, duration, upload, alt }; `coming` has the upload keys of those that are still being
// sent, by this page or another; `lost` counts the pictures that could not be kept.
// Each account has its own on a device, and none is left when it signs out.
import { me, root } from "./page.js";

export const PREFIX = `draft:${me}:`;
export const FIELDS = ["text", "cover", "sensitive", "visibility", "replies_to", "reply_to", "quote", "version"];

export const newKey = () => crypto.randomUUID?.() ?? String(Math.random()).slice(2).padEnd(12, "0");
export const contextOf = ({ reply_to, quote }) => (reply_to ? `reply-${reply_to}` : quote ? `quote-${quote}` : "new");

/** `sent` is what the form sends: its FormData, or the body that was made of it. */
export function draftFrom(sent, context, media) {
  const fields = Object.fromEntries(FIELDS.map((name) => [name, sent.get(name) ?? ""]));
  return { key: sent.get("key"), context: context || contextOf(fields), at: Date.now(), fields, media, coming: [], lost: 0 };
}

export function readDraft(key) {
  try { return JSON.parse(localStorage.getItem(PREFIX + key)); } catch { return null; }
}

/** Without room for it what was kept before goes too: it may be meant for more people than this is. */
export function storeDraft(draft) {
  const { fields: { text, cover }, media, coming, lost } = draft;
  const isEmpty = !text.trim() && !cover.trim() && !media.length && !coming?.length && !lost;
  try {
    if (isEmpty) localStorage.removeItem(PREFIX + draft.key);
    else localStorage.setItem(PREFIX + draft.key, JSON.stringify(draft));
  } catch { dropDraft(draft.key); }
}

export function dropDraft(key) {
  try { localStorage.removeItem(PREFIX + key); } catch { /* a browser that keeps nothing */ }
}

/** Adds a picture that has arrived, if the draft misses one. Gives whether it did. */
export function addMedia(key, media) {
  const draft = readDraft(key);
  const coming = draft?.coming ?? [];
  const isComing = coming.includes(media.upload);
  if (!isComing && !draft?.lost) return false;
  const rest = coming.filter((one) => one !== media.upload);
  storeDraft({ ...draft, media: [...draft.media, media], coming: rest, lost: isComing ? draft.lost : draft.lost - 1 });
  return true;
}

/** Every draft of this member, the newest first. */
export function listDrafts() {
  let names = [];
  try { names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)); } catch { /* as above */ }
  const found = names.map((name) => readDraft(name.slice(PREFIX.length))).filter(Boolean);
  return found.sort((one, other) => other.at - one.at);
}

/** The newest for the same purpose. What a post said has changed since: a draft for that is of no use, and goes. */
export function latestDraft(context, version) {
  const found = listDrafts().filter((one) => one.context === context);
  const late = found.filter((one) => one.fields.version !== version);
  for (const { key } of late) dropDraft(key);
  return found.find((one) => !late.includes(one));
}

/** Whether the member has signed out, here or in another window (main.js), and nothing is kept any more. */
export const draftsEnded = () => "signedOut" in root.dataset;

export function forgetDrafts() {
  root.dataset.signedOut = "";
  new BroadcastChannel("signed-out").postMessage(me);
  for (const { key } of listDrafts()) dropDraft(key);
}

// Earlier versions kept words that do not say whose they are.
try {
  for (const name of Object.keys(localStorage)) if (/^draft:(?!\d+:)/.test(name)) localStorage.removeItem(name);
} catch { /* as above */ }
