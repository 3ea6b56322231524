// What waits to be sent, and what was refused, where one would look for it.
async function showUnsent() {
  if (me === "0") return;
  const deeds = await outboxOf(me);
  waiting = deeds.filter((deed) => deed.status === "waiting").length;
  planSending();
  if (deeds.length) await later("unsent").then(({ show }) => show(deeds, unsentWays()), () => {});
  else document.getElementById("unsent")?.replaceChildren();
}

const unsentWays = () => ({
  said, words, fromTemplate, toast, later, fetchSheet, closeSheet, alone, deedAt, dropDeed, putDeed, showUnsent, sendWaiting,
  draftFrom, showDraft, mediaRow, changed, attachWays,
});

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
