// What waits to be sent, and what was refused, where one would look for it. `ways` are the page's own.
let ways = {};

export function show(deeds, given) {
  ways = given;
  const place = unsentPlace();
  place?.replaceChildren(...deeds.filter((deed) => belongsHere(deed, place)).map(unsentRow).reverse());
}

function unsentPlace() {
  const place = document.getElementById("unsent");
  const next = document.querySelector("#feed[data-own], #replies");
  if (place || !next) return place;
  const made = Object.assign(document.createElement("div"), { id: "unsent" });
  next.before(made);
  return made;
}

// Below a thread its replies, elsewhere all; votes and the like only once they were refused.
function belongsHere(deed, place) {
  const thread = place.closest("main")?.querySelector(".post.focus")?.dataset.id;
  if (thread) return new URLSearchParams(deed.body).get("reply_to") === thread;
  return deed.kind === "post" || deed.status === "refused";
}

function unsentRow(deed) {
  const refused = deed.status === "refused";
  const row = ways.fromTemplate("unsent-row").firstElementChild;
  row.classList.toggle("refused-row", refused);
  row.querySelector("strong").textContent = refused ? ways.said.refused : ways.said.waiting;
  row.querySelector(".text").textContent = deed.text;
  row.querySelector(".why").textContent = refused ? deed.reason || ways.words.failed : "";
  for (const button of row.querySelectorAll("button")) {
    button.hidden = { retry: !refused, edit: deed.kind !== "post" }[button.dataset.do] || false;
    button.addEventListener("click", () => UNSENT[button.dataset.do](deed, row));
  }
  return row;
}

const UNSENT = {
  drop: (deed) => ways.alone(() => ways.dropDeed(deed.id)).then(ways.showUnsent),
  retry: (deed) => ways.alone(() => ways.putDeed({ ...deed, status: "waiting", attempts: 0 })).then(ways.showUnsent).then(ways.sendWaiting),
  // Back into the form, from where it is sent anew.
  edit: async (deed, row) => {
    const body = new URLSearchParams(deed.body);
    const form = await ways.fetchSheet(`/compose?${new URLSearchParams({ reply_to: body.get("reply_to") || "", quote: body.get("quote") || "" })}`, row);
    const attach = await ways.later("attach").catch(() => null);
    if (form && attach) await ways.alone(() => putBack(form, deed.id, attach));
    else ways.toast(ways.words.failed, { error: true });
    await ways.showUnsent();
  },
};

// It is a draft again, with its key: if it has arrived after all, it is not posted a second time.
async function putBack(form, id, attach) {
  const deed = await ways.deedAt(id);
  if (!deed) return ways.closeSheet();
  const body = new URLSearchParams(deed.body);
  const rows = [...body].filter(([name]) => name.startsWith("alt.")).map(([name, alt]) => {
    const local = deed.files?.find(({ key }) => name === `alt.local-${key}`);
    return local ? attach.rowOf(form, { ...local, alt }, ways.attachWays()) : ways.mediaRow({ ...deed.shots?.[name.slice(4)], id: name.slice(4), alt });
  });
  ways.showDraft(form, ways.draftFrom(body, "", []), rows);
  ways.changed(form);
  await ways.dropDeed(id);
}
