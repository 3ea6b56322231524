// The list of what waits to be sent, and of what was refused.
import { rowOf } from "../../../web/static/js/attachments.js";
import { changed, mediaRow, showDraft } from "../../../web/static/js/draft_form.js";
import { draftFrom } from "../../../web/static/js/drafts.js";
import { fromTemplate, words } from "../../../web/static/js/page.js";
import { closeSheet, fetchSheet } from "../../../web/static/js/sheet.js";
import { toast } from "../../../web/static/js/toast.js";
import { sendWaiting, showUnsent } from "./offline_queue.js";
import { withQueue } from "./sending.js";
import { dropAction, putAction, readAction } from "./store.js";
import { appWords } from "./words.js";

export function show(actions) {
  const place = findPlace();
  place?.replaceChildren(...actions.filter((action) => belongsHere(action, place)).map(unsentRow).reverse());
}

function findPlace() {
  const place = document.getElementById("unsent");
  const next = document.querySelector("#feed[data-own], #replies");
  if (place || !next) return place;
  const made = Object.assign(document.createElement("div"), { id: "unsent" });
  next.before(made);
  return made;
}

// Below a thread its replies, elsewhere all; votes and the like only once they were refused.
function belongsHere(action, place) {
  const thread = place.closest("main")?.querySelector(".post.focus")?.dataset.id;
  if (thread) return new URLSearchParams(action.body).get("reply_to") === thread;
  return action.kind === "post" || action.status === "refused";
}

function unsentRow(action) {
  const refused = action.status === "refused";
  const row = fromTemplate("unsent-row").firstElementChild;
  row.classList.toggle("refused-row", refused);
  row.querySelector("strong").textContent = refused ? appWords.refused : appWords.waiting;
  row.querySelector(".text").textContent = action.text;
  row.querySelector(".why").textContent = refused ? action.reason || words.failed : "";
  row.querySelector("a").hidden = !refused || action.code !== "rules-changed";
  for (const button of row.querySelectorAll("button")) {
    button.hidden = { retry: !refused, edit: action.kind !== "post" }[button.dataset.do] || false;
    button.addEventListener("click", () => STEPS[button.dataset.do](action, row));
  }
  return row;
}

const STEPS = {
  drop: (action) => withQueue(() => dropAction(action.id)).then(showUnsent),
  retry: (action) => withQueue(() => putAction({ ...action, status: "waiting", attempts: 0 })).then(showUnsent).then(sendWaiting),
  // Back into the form, from where it is sent anew.
  edit: async (action, row) => {
    const body = new URLSearchParams(action.body);
    const form = await fetchSheet(`/compose?${new URLSearchParams({ reply_to: body.get("reply_to") || "", quote: body.get("quote") || "" })}`, row);
    if (form) await withQueue(() => putBack(form, action.id));
    else toast(words.failed, { error: true });
    await showUnsent();
  },
};

// It is a draft again, with its key: if it has arrived after all, it is not posted a second time.
async function putBack(form, id) {
  const action = await readAction(id);
  if (!action) return closeSheet();
  const body = new URLSearchParams(action.body);
  const rows = [...body].filter(([name]) => name.startsWith("alt.")).map(([name, alt]) => {
    const local = action.files?.find(({ key }) => name === `alt.local-${key}`);
    return local ? rowOf(form, { ...local, alt }) : mediaRow({ ...action.shots?.[name.slice(4)], id: name.slice(4), alt });
  });
  showDraft(form, draftFrom(body, "", []), rows);
  changed(form);
  await dropAction(id);
}
