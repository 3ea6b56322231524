// What waits to be sent, and what was refused, where one would look for it.
async function showUnsent() {
  if (me === "0") return;
  const deeds = await outboxOf(me);
  waiting = deeds.filter((deed) => deed.status === "waiting").length;
  planSending();
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
  const row = fromTemplate("unsent-row").firstElementChild;
  row.classList.toggle("refused-row", refused);
  row.querySelector("strong").textContent = refused ? said.refused : said.waiting;
  row.querySelector(".text").textContent = deed.text;
  row.querySelector(".why").textContent = refused ? deed.reason || words.failed : "";
  for (const button of row.querySelectorAll("button")) {
    button.hidden = { retry: !refused, edit: deed.kind !== "post" }[button.dataset.do] || false;
    button.addEventListener("click", () => UNSENT[button.dataset.do](deed, row));
  }
  return row;
}

const UNSENT = {
  drop: (deed) => alone(() => dropDeed(deed.id)).then(showUnsent),
  retry: (deed) => alone(() => putDeed({ ...deed, status: "waiting", attempts: 0 })).then(showUnsent).then(sendWaiting),
  // Back into the form, from where it is sent anew.
  edit: async (deed, row) => {
    const body = new URLSearchParams(deed.body);
    await fetchSheet(`/compose?${new URLSearchParams({ reply_to: body.get("reply_to") || "", quote: body.get("quote") || "" })}`, row);
    const form = sheetBody.querySelector(".compose");
    if (!form || !(await alone(async () => (await deedAt(deed.id)) && (dropDeed(deed.id), true)))) return showUnsent();
    fillForm(form, body);
    weigh(form);
    await showUnsent();
  },
};

function arriveLate(deed, answer) {
  if (deed.kind !== "post") return settleLate(deed, answer);
  const reply = new URLSearchParams(deed.body).get("reply_to");
  const place = reply ? document.querySelector(`.focus[data-id="${reply}"]`) && document.getElementById("replies") : document.querySelector("#feed[data-own]");
  if (place && answer.html && !document.getElementById(`p-${answer.id}`)) arrive(place, answer.html, reply);
  toast(words.posted, { label: words.view, href: answer.url });
}

function refuseLate(deed) {
  if (deed.kind !== "post") pressBack(deed);
  toast(deed.reason || words.failed, { error: true });
}
