// Between a form for a post and its draft: here alone the form is read and written.
import { updateCounter } from "./counter.js";
import { FIELDS, PREFIX, addMedia, draftFrom, draftsEnded, dropDraft, newKey, readDraft, storeDraft } from "./drafts.js";
import { lazy } from "./main.js";
import { fromTemplate } from "./page.js";

const MEDIA = ["id", "kind", "src", "file", "duration", "upload"];

export const attachments = lazy(() => import("./attachments.js"));
export const attachedTo = (form) => [...form.querySelectorAll(".attached")];
const isThere = (row) => row.dataset.state === "there";

export function draftOf(form) {
  const rows = attachedTo(form);
  const draft = draftFrom(new FormData(form), form.dataset.draft, rows.filter(isThere).map(mediaOf));
  const coming = rows.filter((row) => ["sending", "waiting"].includes(row.dataset.state)).map((row) => row.dataset.upload);
  const kept = rows.filter((row) => row.dataset.state === "kept").length;
  return { ...draft, coming, lost: lostOf(form) + kept };
}

export function showDraft(form, draft, rows = draft.media.map(mediaRow)) {
  const coming = (draft.coming ?? []).map(comingRow);
  for (const name of FIELDS) setField(form.elements[name], draft.fields[name]);
  form.elements.key.value = draft.key;
  form.dataset.draft = draft.context;
  form.querySelector(".attachments").replaceChildren(...rows, ...coming);
  showLost(form, draft.lost);
  for (const row of coming) attachments().then(({ awaitArrival }) => awaitArrival(form, row), () => {});
}

// Of a choice that the form does not offer, its own first one stays.
function setField(field, value) {
  if (field?.type === "checkbox") field.checked = Boolean(value);
  else if (field?.options ? [...field.options].some((one) => one.value === value) : field) field.value = value;
}

export function blankForm(form) {
  const chosen = (field) => field && ([...field.options].find((one) => one.defaultSelected) ?? field.options[0]).value;
  const { visibility, replies_to } = form.elements;
  const blank = { key: newKey(), text: "", cover: "", sensitive: "", visibility: chosen(visibility) ?? "", replies_to: chosen(replies_to) ?? "" };
  const sent = new FormData(form);
  for (const [name, value] of Object.entries(blank)) sent.set(name, value);
  form.querySelector(".refused")?.remove();
  showDraft(form, draftFrom(sent, "", []));
}

/** A picture that has arrived, as the server told of it. */
const mediaOf = (row) => ({ ...Object.fromEntries(MEDIA.map((name) => [name, row.dataset[name]])), alt: row.querySelector("textarea").value });

export function mediaRow(media) {
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

export function showArrived(row, media) {
  setRowState(row, "there");
  for (const name of MEDIA) row.dataset[name] = media[name] ?? "";
  const { id, kind, src, duration } = row.dataset;
  row.querySelector("textarea").name = `alt.${id}`;
  const image = row.querySelector("img");
  image.hidden = !src;
  if (src) image.src = src;
  row.querySelector(".sound").hidden = Boolean(src);
  row.querySelector(".video").hidden = kind !== "video";
  row.querySelector(".video b").textContent = duration;
}

/** sending, waiting, refused, kept (to be sent along with the post) or there. */
export function setRowState(row, name) {
  row.dataset.state = name;
  row.querySelector("progress").hidden = name !== "sending" && name !== "waiting";
  row.querySelector(".again").hidden = name !== "refused";
  if (name !== "refused") row.querySelector(".why").textContent = "";
}

export const lostOf = (form) => Number(form.dataset.lost) || 0;

export function showLost(form, count) {
  form.dataset.lost = Math.max(0, count);
  form.querySelector(".missing")?.remove();
  if (count > 0) form.prepend(fromTemplate("missing"));
}

/** After every change of a form. */
export function changed(form) {
  updateCounter(form);
  saveDraft(form);
}

export function saveDraft(form) {
  if (draftsEnded() || !form.dataset.draft) return;
  delete form.dataset.shared;
  const draft = draftOf(form);
  storeDraft(draft);
  syncForms(draft.key, form);
}

export function forgetDraft(form) {
  delete form.dataset.shared;
  form.dataset.draft = "";
  const key = form.elements.key.value;
  dropDraft(key);
  syncForms(key, form);
}

/** Adds a picture whose form is gone to its draft. Gives whether the draft had missed it. */
export function addToDraft(key, row) {
  const isMissed = addMedia(key, mediaOf(row));
  if (isMissed) syncForms(key);
  return isMissed;
}

// What is shown in several forms, here or in other windows, stays one draft; the form that one writes in comes first.
function syncForms(key, besides = null) {
  const draft = readDraft(key);
  for (const form of document.querySelectorAll(".compose")) {
    const isSettled = attachedTo(form).every((row) => isThere(row) || "elsewhere" in row.dataset);
    if (form === besides || form.elements.key.value !== key || form.contains(document.activeElement) || !isSettled) continue;
    if (draft) showDraft(form, draft);
    else if (!form.elements.version && !("shared" in form.dataset)) blankForm(form);
    updateCounter(form);
  }
}

addEventListener("storage", ({ key }) => { if (key?.startsWith(PREFIX)) syncForms(key.slice(PREFIX.length)); });
// A page that the browser had put aside: what it shows may be posted since.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  document.activeElement?.blur();
  for (const form of document.querySelectorAll(".compose")) syncForms(form.elements.key.value);
});
