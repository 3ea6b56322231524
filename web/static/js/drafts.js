// Drafts: everything that a form for a post holds, as one object, read from the form and written to it here alone.
//   { key, context, at, fields, media, coming, lost }
// `key` publishes it once; `context` is new, reply-ID, quote-ID or edit-ID; `fields` are named as in the form; `media`
// is a list of { id, kind, src, file, duration, upload, alt }; `coming` has the upload keys of those that are still being
// sent, by this page or another; `lost` counts the pictures that could not be kept.
// Each account has its own on a device, and none is left when it signs out.
const DRAFTS = `draft:${me}:`;
const DRAFT_FIELDS = ["text", "cover", "sensitive", "visibility", "replies_to", "reply_to", "quote", "version"];
const MEDIA = ["id", "kind", "src", "file", "duration", "upload"];
const leavers = new BroadcastChannel("signed-out");
let draftsEnd = false;

const newKey = () => crypto.randomUUID?.() ?? String(Math.random()).slice(2).padEnd(12, "0");
const attachedTo = (form) => [...form.querySelectorAll(".attached")];
const isThere = (row) => row.dataset.state === "there";
const contextOf = ({ reply_to, quote }) => (reply_to ? `reply-${reply_to}` : quote ? `quote-${quote}` : "new");

// `sent` is what the form sends: its FormData, or the body that was made of it.
function draftFrom(sent, context, media) {
  const fields = Object.fromEntries(DRAFT_FIELDS.map((name) => [name, sent.get(name) ?? ""]));
  return { key: sent.get("key"), context: context || contextOf(fields), at: Date.now(), fields, media, coming: [], lost: 0 };
}

function draftOf(form) {
  const rows = attachedTo(form);
  const draft = draftFrom(new FormData(form), form.dataset.draft, rows.filter(isThere).map(mediaOf));
  const coming = rows.filter((row) => ["sending", "waiting"].includes(row.dataset.state)).map((row) => row.dataset.upload);
  const kept = rows.filter((row) => row.dataset.state === "kept").length;
  return { ...draft, coming, lost: lostOf(form) + kept };
}

function showDraft(form, draft, rows = draft.media.map(mediaRow)) {
  const coming = (draft.coming ?? []).map(comingRow);
  for (const name of DRAFT_FIELDS) setField(form.elements[name], draft.fields[name]);
  form.elements.key.value = draft.key;
  form.dataset.draft = draft.context;
  form.querySelector(".attachments").replaceChildren(...rows, ...coming);
  tellLost(form, draft.lost);
  for (const row of coming) later("attach").then(({ awaitArrival }) => awaitArrival(form, row, attachWays()), () => {});
}

// Of a choice that the form does not offer, its own first one stays.
function setField(field, value) {
  if (field?.type === "checkbox") field.checked = Boolean(value);
  else if (field?.options ? [...field.options].some((one) => one.value === value) : field) field.value = value;
}

function blankForm(form) {
  const chosen = (field) => field && ([...field.options].find((one) => one.defaultSelected) ?? field.options[0]).value;
  const { visibility, replies_to } = form.elements;
  const sent = new FormData(form);
  for (const [name, value] of Object.entries({ key: newKey(), text: "", cover: "", sensitive: "", visibility: chosen(visibility) ?? "", replies_to: chosen(replies_to) ?? "" })) sent.set(name, value);
  form.querySelector(".refused")?.remove();
  showDraft(form, draftFrom(sent, "", []));
}

// Pictures that have arrived, as the server told of them.
const mediaOf = (row) => ({ ...Object.fromEntries(MEDIA.map((name) => [name, row.dataset[name]])), alt: row.querySelector("textarea").value });

function mediaRow(media) {
  const row = fromTemplate("attached-row").firstElementChild;
  row.querySelector("textarea").value = media.alt;
  showArrived(row, media);
  return row;
}

// Stands for a picture that another form or page is sending.
function comingRow(upload) {
  const row = fromTemplate("attached-row").firstElementChild;
  Object.assign(row.dataset, { upload, elsewhere: "" });
  return row;
}

// Uploads of this page: key -> a promise that ends with it. Other pages see them as locks, which end with the page.
const uploads = new Map();

function holdUpload(upload, done) {
  uploads.set(upload, done);
  navigator.locks?.request(`upload-${upload}`, () => done);
}

function showArrived(row, media) {
  setState(row, "there");
  for (const name of MEDIA) row.dataset[name] = media[name] ?? "";
  const { id, kind, src, duration } = row.dataset;
  row.querySelector("textarea").name = `alt.${id}`;
  const image = row.querySelector("img");
  image.hidden = !src;
  if (src) image.src = src;
  row.querySelector(".sound").hidden = Boolean(src);
  row.querySelector(".film").hidden = kind !== "video";
  row.querySelector(".film b").textContent = duration;
}

function setState(row, name) {
  row.dataset.state = name;
  row.querySelector("progress").hidden = name !== "sending" && name !== "waiting";
  row.querySelector(".again").hidden = name !== "refused";
  if (name !== "refused") row.querySelector(".why").textContent = "";
}

const lostOf = (form) => Number(form.dataset.lost) || 0;

function tellLost(form, count) {
  form.dataset.lost = Math.max(0, count);
  form.querySelector(".missing")?.remove();
  if (count > 0) form.prepend(fromTemplate("missing"));
}

function readDraft(name) {
  try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
}

// Without room for it what was kept before goes too: it may be meant for more people than this is.
function storeDraft(draft) {
  const { fields: { text, cover }, media, coming, lost } = draft;
  const isEmpty = !text.trim() && !cover.trim() && !media.length && !coming?.length && !lost;
  try {
    if (isEmpty) localStorage.removeItem(DRAFTS + draft.key);
    else localStorage.setItem(DRAFTS + draft.key, JSON.stringify(draft));
  } catch { dropDraft(draft.key); }
}

// Gives whether the draft has missed this picture, and has it now.
function addToDraft(key, row) {
  const draft = readDraft(DRAFTS + key);
  const coming = draft?.coming ?? [];
  const isComing = coming.includes(row.dataset.upload);
  if (!isComing && !draft?.lost) return false;
  storeDraft({ ...draft, media: [...draft.media, mediaOf(row)], coming: coming.filter((one) => one !== row.dataset.upload), lost: isComing ? draft.lost : draft.lost - 1 });
  syncForms(key);
  return true;
}

function dropDraft(key) {
  try { localStorage.removeItem(DRAFTS + key); } catch { /* a browser that keeps nothing */ }
}

function saveDraft(form) {
  if (draftsEnd || !form.dataset.draft) return;
  delete form.dataset.shared;
  const draft = draftOf(form);
  storeDraft(draft);
  syncForms(draft.key, form);
}

function forgetDraft(form) {
  delete form.dataset.shared;
  form.dataset.draft = "";
  const key = form.elements.key.value;
  dropDraft(key);
  syncForms(key, form);
}

// Every draft of this member, the newest first.
function listDrafts() {
  let names = [];
  try { names = Object.keys(localStorage).filter((name) => name.startsWith(DRAFTS)); } catch { /* as above */ }
  return names.map(readDraft).filter(Boolean).sort((one, other) => other.at - one.at);
}

// The newest for the same purpose. What a post said has changed since: a draft for that is of no use.
function latestDraft(form) {
  const found = listDrafts().filter((one) => one.context === form.dataset.draft);
  const late = found.filter((one) => one.fields.version !== (form.elements.version?.value ?? ""));
  for (const { key } of late) dropDraft(key);
  return found.find((one) => !late.includes(one));
}

// What is shown in several forms, here or in other windows, stays one draft; the form that one writes in comes first.
function syncForms(key, besides = null) {
  const draft = readDraft(DRAFTS + key);
  for (const form of document.querySelectorAll(".compose")) {
    if (form === besides || form.elements.key.value !== key || form.contains(document.activeElement) || !attachedTo(form).every((row) => isThere(row) || "elsewhere" in row.dataset)) continue;
    if (draft) showDraft(form, draft);
    else if (!form.elements.version && !("shared" in form.dataset)) blankForm(form);
    weigh(form);
  }
}
addEventListener("storage", ({ key }) => { if (key?.startsWith(DRAFTS)) syncForms(key.slice(DRAFTS.length)); });
// A page that the browser had put aside: what it shows may be posted since.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  document.activeElement?.blur();
  for (const form of document.querySelectorAll(".compose")) syncForms(form.elements.key.value);
});

// At sign-out: in other windows, too, nothing more is kept. Each of them is loaded again when it is next looked at, as
// whoever is signed in by then.
function forgetDrafts() {
  leavers.postMessage(me);
  draftsEnd = true;
  for (const { key } of listDrafts()) dropDraft(key);
}
leavers.addEventListener("message", ({ data }) => {
  if (data !== me || draftsEnd) return;
  draftsEnd = true;
  addEventListener("focus", () => location.reload(), { once: true });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) location.reload(); });
});

// Earlier versions kept words that do not say whose they are.
try { for (const name of Object.keys(localStorage)) if (/^draft:(?!\d+:)/.test(name)) localStorage.removeItem(name); } catch { /* as above */ }
