// The form for posts: counts what is left, keeps drafts, sends without leaving the page, and loses nothing on the way.
const segmenter = new Intl.Segmenter();
const textOf = (form) => form.elements.text;

function prepareComposers() {
  for (const form of document.querySelectorAll(".compose:not([data-ready])")) {
    form.dataset.ready = "";
    // What is chosen is sent by itself, and not along with the form.
    form.querySelector("[type=file]").removeAttribute("name");
    beginAsAsked(form);
    // What another app has shared is a draft once the member changes it.
    if (!("shared" in form.dataset)) ("typed" in form.dataset ? saveDraft : showLatest)(form);
    weigh(form);
    if (form.closest("#sheet")) textOf(form).setSelectionRange(textOf(form).value.length, textOf(form).value.length);
  }
}

function showLatest(form) {
  const draft = latestDraft(form);
  // A form from memory has been shown before, and its key used.
  if (!draft) { form.elements.key.value = newKey(); return; }
  showDraft(form, draft);
  if (draft.media.length) later("attach").then(({ check }) => check(form, attachWays()), () => {});
}

// Without a connection the form comes empty, whatever it was asked for.
function beginAsAsked(form) {
  const { pathname, searchParams: asked } = new URL(form.closest("#sheet") ? sheetAddress : location, location);
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

function weigh(form) {
  const area = textOf(form);
  const length = [...segmenter.segment(area.value.trim())].length;
  const left = form.dataset.limit - length;
  const ring = form.querySelector(".ring");
  ring.style.setProperty("--part", `${Math.min(100, (100 * length) / form.dataset.limit)}%`);
  ring.dataset.tone = left < 0 ? "over" : left <= 50 ? "near" : "";
  ring.textContent = left <= 50 ? left : "";
  form.querySelector("output").textContent = left < 0 ? counted(words.over, -left) : left <= 20 ? counted(words.left, left) : "";
  const attached = attachedTo(form);
  const unready = attached.some((one) => ["sending", "waiting", "refused"].includes(one.dataset.state));
  form.querySelector(".send").disabled = !(length || attached.length) || left < 0 || unready || form.ariaBusy === "true";
  if (!CSS.supports("field-sizing", "content")) { area.style.blockSize = "auto"; area.style.blockSize = `${area.scrollHeight}px`; }
}

function changed(form) {
  weigh(form);
  saveDraft(form);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest(".compose");
  if (form) changed(form);
});

const attachWays = () => ({ fromTemplate, toast, changed, words, me, newKey, setState, showArrived, lostOf, tellLost, addToDraft, holdUpload, uploads, DRAFTS, readDraft, mediaRow, weigh });
function attachTo(form, files) {
  // The list is emptied with its field.
  const chosen = [...files];
  if (!chosen.length) return;
  tellLost(form, 0);
  later("attach").then(({ attach }) => attach(form, chosen, attachWays()), () => toast(words.failed, { error: true }));
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
  const form = event.dataTransfer?.types.includes("Files") && (event.target.closest(".compose") || document.querySelector(sheet.open ? "#sheet .compose" : ".compose"));
  if (!form) return;
  event.preventDefault();
  if (kind === "drop") attachTo(form, event.dataTransfer.files);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest(".attached .drop");
  if (!button) return;
  event.preventDefault();
  later("attach").then(({ drop }) => drop(button.closest(".attached"), attachWays()));
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
  weigh(form);
  // A changed post has a version that may be gone later; a new one can wait.
  const kind = form.dataset.draft.startsWith("edit-") ? "" : "post";
  const body = String(new URLSearchParams(new FormData(form)));
  const files = attachedTo(form).filter((one) => one.dataset.state === "kept").map(({ key, file }) => ({ key, file }));
  const shots = Object.fromEntries(draftOf(form).media.map((one) => [one.id, one]));
  const deed = { kind, url: form.getAttribute("action"), body, text: textOf(form).value.trim(), files, shots, headers: { "Content-Type": "application/x-www-form-urlencoded" } };
  const response = await deliver(deed, { "HX-Request": "true", "HX-Target": "compose" });
  form.ariaBusy = null;
  weigh(form);
  if (response === undefined) return finishKept(form);
  // Sent to the sign-in page: the session is over, the words stay.
  if (!response || response.type === "opaqueredirect") return toastFailure(response && new Response(null, { status: 401 }), words.kept);
  if (response.status === 422) return showRefusal(form, await response.text());
  if (!response.ok) return toastFailure(response);
  finish(form, response, await response.text());
});

function showRefusal(form, html) {
  const again = fromServer(html).querySelector(".compose");
  if (!again) return toast(words.failed, { error: true });
  dropDraft(form.elements.key.value);
  form.replaceWith(again);
  prepareComposers();
  textOf(again).focus();
}

function finish(form, response, html) {
  const editing = form.dataset.draft.startsWith("edit-");
  forgetDraft(form);
  const url = response.headers.get("HX-Redirect") || posted(response);
  const reply = form.elements.reply_to.value;
  const place = document.getElementById(reply ? "replies" : "feed");
  const here = !editing && place && (reply ? document.querySelector(`.focus[data-id="${reply}"]`) : place.dataset.own !== undefined);
  if (reply && !editing) for (const post of document.querySelectorAll(`[data-id="${reply}"]`)) count(post.querySelector(".acts > a b"), 1);
  if (here && html.includes("<article")) arrive(place, html, reply);
  else if (!form.closest("#sheet") || editing) { location.href = url || "/"; return; }
  putAway(form);
  toast(words.posted, { label: url ? words.view : "", href: url });
}

// It waits in the outbox now, where it can be seen.
function finishKept(form) {
  forgetDraft(form);
  if (!form.closest("#sheet") && !document.getElementById("unsent")) location.href = "/";
  else putAway(form);
}

function putAway(form) {
  if (form.closest("#sheet")) return closeSheet();
  blankForm(form);
  weigh(form);
  textOf(form).blur();
}

function posted(response) {
  try { return JSON.parse(response.headers.get("HX-Trigger")).posted.url; } catch { return ""; }
}

function arrive(place, html, reply) {
  place.querySelector(":scope > .empty, :scope > .none")?.remove();
  place.prepend(fromServer(reply ? `<div class="branch"><div class="node d0">${html}</div></div>` : html));
  place.firstElementChild.classList.add("new");
  window.htmx?.process(place.firstElementChild);
}

// A form that must not be sent twice says so with data-once.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.matches("[data-once]")) return;
  if (event.target.ariaBusy === "true") event.preventDefault();
  event.target.ariaBusy = "true";
});
addEventListener("pageshow", () => { for (const form of document.querySelectorAll("[data-once]")) form.ariaBusy = null; });

prepareComposers();
if (document.querySelector("main > .compose")) textOf(document.querySelector("main > .compose")).focus();
