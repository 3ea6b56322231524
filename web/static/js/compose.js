// The form for posts: counts what is left, keeps drafts, sends without leaving the page, and loses nothing on the way.
import { updateCounter } from "./counter.js";
import { attachedTo, attachments, blankForm, changed, draftOf, forgetDraft, saveDraft, showDraft, showLost } from "./draft_form.js";
import { contextOf, dropDraft, latestDraft, newKey } from "./drafts.js";
import { deliver } from "./delivery.js";
import { fromServer, words } from "./page.js";
import { count, prependPost } from "./posts.js";
import { closeSheet, sheet, sheetAddress } from "./sheet.js";
import { toast, toastFailure } from "./toast.js";

const textOf = (form) => form.elements.text;
const inSheet = (form) => sheet.contains(form);

export function prepareComposers() {
  for (const form of document.querySelectorAll(".compose:not([data-ready])")) {
    const area = textOf(form);
    const isTyped = area.value !== area.defaultValue;
    form.dataset.ready = "";
    // What is chosen is sent by itself, and not along with the form.
    form.querySelector("[type=file]").removeAttribute("name");
    beginAsAsked(form);
    // What another app has shared is a draft once the member changes it.
    if ("shared" in form.dataset) { if (isTyped) saveDraft(form); }
    else if ("typed" in form.dataset) saveDraft(form);
    else (isTyped ? saveTyped : showLatest)(form);
    updateCounter(form);
    if (inSheet(form)) area.setSelectionRange(area.value.length, area.value.length);
  }
}

// Written before this script came.
function saveTyped(form) {
  form.elements.key.value = newKey();
  saveDraft(form);
}

function showLatest(form) {
  const draft = latestDraft(form.dataset.draft, form.elements.version?.value ?? "");
  // A form from memory has been shown before, and its key used.
  if (!draft) { form.elements.key.value = newKey(); return; }
  showDraft(form, draft);
  if (draft.media.length) attachments().then(({ check }) => check(form), () => {});
}

// Without a connection the form comes empty, whatever it was asked for.
function beginAsAsked(form) {
  const { pathname, searchParams: asked } = new URL(inSheet(form) ? sheetAddress() : location, location);
  if (pathname !== "/compose") return;
  const missing = ["reply_to", "quote", "text"].filter((name) => asked.get(name) && !form.elements[name].value.trim());
  if (!missing.length) return;
  for (const name of missing) form.elements[name].value = asked.get(name);
  form.dataset.draft = contextOf(Object.fromEntries(asked));
  if (missing.includes("reply_to")) beginReply(form, asked.get("reply_to"));
}

// As the server begins one: for followers where the answered post is, or may be, for them alone.
function beginReply(form, answered) {
  const post = document.querySelector(`.post[data-id="${CSS.escape(answered)}"]`);
  const author = post?.dataset.url.split("/")[1];
  if (author && !textOf(form).value && !document.querySelector(`.rail .me[href="/${author}"]`)) textOf(form).value = `${author} `;
  if (post?.dataset.visibility !== "public") form.elements.visibility.value = "followers";
  form.elements.replies_to?.closest(".chip").remove();
}

document.addEventListener("input", (event) => {
  const form = event.target.closest(".compose");
  if (form) changed(form);
});

/** Attaches files to a form, and begins to send them. */
export function attachTo(form, files) {
  // The list is emptied with its field.
  const chosen = [...files];
  if (!chosen.length) return;
  showLost(form, 0);
  attachments().then(({ attach }) => attach(form, chosen), () => toast(words.failed, { error: true }));
}

document.addEventListener("change", (event) => {
  const form = event.target.matches("[type=file]") && event.target.closest(".compose");
  if (!form) return;
  attachTo(form, event.target.files);
  event.target.value = "";
});
document.addEventListener("paste", (event) => {
  const form = event.target.closest?.(".compose");
  if (!form || !event.clipboardData.files.length) return;
  event.preventDefault();
  attachTo(form, event.clipboardData.files);
});
for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => {
  const hasFiles = event.dataTransfer?.types.includes("Files");
  const form = hasFiles && (event.target.closest(".compose") || document.querySelector(sheet.open ? "#sheet .compose" : ".compose"));
  if (!form) return;
  event.preventDefault();
  if (kind === "drop") attachTo(form, event.dataTransfer.files);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest(".attached .drop");
  if (!button) return;
  event.preventDefault();
  attachments().then(({ drop }) => drop(button.closest(".attached")));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest(".compose");
  if (form && !form.querySelector(".send").disabled) { event.preventDefault(); form.requestSubmit(); }
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest(".compose");
  if (!form) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  updateCounter(form);
  const response = await deliver(actionOf(form), { "HX-Request": "true", "HX-Target": "compose" });
  form.ariaBusy = null;
  updateCounter(form);
  if (response === undefined) return finishQueued(form);
  // Sent to the sign-in page: the session is over, the words stay.
  if (!response || response.type === "opaqueredirect") return toastFailure(response && new Response(null, { status: 401 }), words.kept);
  if (response.status === 422) return showRefusal(form, await response.text());
  if (!response.ok) return toastFailure(response);
  finish(form, response, await response.text());
});

const isEdit = (form) => form.dataset.draft.startsWith("edit-");

function actionOf(form) {
  return {
    // A changed post has a version that may be gone later; a new one can wait.
    kind: isEdit(form) ? "" : "post",
    url: form.getAttribute("action"),
    body: String(new URLSearchParams(new FormData(form))),
    text: textOf(form).value.trim(),
    files: attachedTo(form).filter((one) => one.dataset.state === "kept").map(({ key, file }) => ({ key, file })),
    shots: Object.fromEntries(draftOf(form).media.map((one) => [one.id, one])),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  };
}

function showRefusal(form, html) {
  const again = fromServer(html).querySelector(".compose");
  if (!again) return toast(words.failed, { error: true });
  dropDraft(form.elements.key.value);
  form.replaceWith(again);
  prepareComposers();
  textOf(again).focus();
}

function finish(form, response, html) {
  const editing = isEdit(form);
  forgetDraft(form);
  const url = response.headers.get("HX-Redirect") || urlOfPost(response);
  const reply = form.elements.reply_to.value;
  const place = document.getElementById(reply ? "replies" : "feed");
  const here = !editing && place && (reply ? document.querySelector(`.focus[data-id="${reply}"]`) : place.dataset.own !== undefined);
  if (reply && !editing) for (const post of document.querySelectorAll(`[data-id="${reply}"]`)) count(post.querySelector(".acts > a b"), 1);
  if (here && html.includes("<article")) prependPost(place, html, reply);
  else if (!inSheet(form) || editing) { location.href = url || "/"; return; }
  putAway(form);
  toast(words.posted, { label: url ? words.view : "", href: url });
}

// It waits to be sent now, where it can be seen.
function finishQueued(form) {
  forgetDraft(form);
  if (!inSheet(form) && !document.getElementById("unsent")) location.href = "/";
  else putAway(form);
}

function putAway(form) {
  if (inSheet(form)) return closeSheet();
  blankForm(form);
  updateCounter(form);
  textOf(form).blur();
}

function urlOfPost(response) {
  try { return JSON.parse(response.headers.get("HX-Trigger")).posted.url; } catch { return ""; }
}

prepareComposers();
if (document.querySelector("main > .compose")) textOf(document.querySelector("main > .compose")).focus();
