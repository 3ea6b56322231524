// Votes, reposts, follows and deletions answer at once, and roll back when they are refused. Without a connection the
// first three, and follow requests, wait for one.
const ACTS = /^\/(posts\/(\d+)(\/(repost|vote|deletion))?|accounts\/(\d+)\/(follow|mute|block)|requests\/(\d+))\?/;

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target.id !== "act" || !button) return;
  const about = aboutDeed(button.formAction);
  if (!about || leavesThePage(about.post, about.verb)) return closeMenuOf(button);
  event.preventDefault();
  if (button.matches(".repost[aria-pressed=false]") && !button.dataset.sure) return offerRepost(button);
  delete button.dataset.sure;
  perform(button, about);
});

function aboutDeed(address) {
  const { pathname, search } = new URL(address, location);
  const match = ACTS.exec(pathname + search);
  return match && { url: pathname + search, post: match[2], verb: match[4], account: match[5], bond: match[6], request: match[7] };
}

// A post deleted on its own page, or brought back where it is not, goes the way it goes without scripts.
function leavesThePage(post, verb) {
  if (!post || (verb && verb !== "deletion")) return false;
  return verb ? !document.getElementById(`p-${post}`) : Boolean(document.querySelector(`.focus[data-id="${post}"]`));
}

async function perform(button, about) {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  const deed = { kind: about.request ? "request" : [about.verb, about.bond].find((kind) => ["vote", "repost", "follow"].includes(kind)), url: about.url, text: wordsOf(button) };
  const rollback = foresee(button, about);
  closeMenuOf(button);
  const response = await deliver(deed, { "X-Act": "1" });
  button.ariaBusy = null;
  if (response === undefined) return;
  if (response?.type === "opaqueredirect") { location.href = "/signin"; return; }
  if (!response?.ok) { rollback(); return toastFailure(response); }
  settle(button, about, await response.json().catch(() => ({})));
}

// What a deed is called where it is listed.
function wordsOf(button) {
  const post = button.closest(".post")?.querySelector(".text")?.textContent.trim();
  return post ? `${button.querySelector(".vh")?.textContent}: ${post.slice(0, 80)}` : button.textContent.trim();
}

// A page that is opened while deeds wait shows them done; one that was refused is taken back.
function pressAhead({ url }) {
  const button = document.querySelector(`button[formaction="${CSS.escape(url)}"]`);
  if (button) foresee(button, aboutDeed(url));
}

function pressBack({ url }) {
  pressAhead({ url: url.replace(/_method=(PUT|DELETE)/, (_, done) => `_method=${done === "PUT" ? "DELETE" : "PUT"}`) });
}

function settleLate({ url }, answer) {
  const about = aboutDeed(url);
  if (!about.request) settle(null, about, answer);
}

// Draws what will very likely be, and returns how to take it back.
function foresee(button, about) {
  const post = button.closest(".post");
  if (about.verb === "repost" || about.verb === "vote") {
    const before = [...post.querySelectorAll(".acts button[aria-pressed]")].map((one) => [one, one.ariaPressed, one.getAttribute("formaction"), one.querySelector("b").textContent]);
    const on = button.ariaPressed !== "true";
    press(button, on, on ? 1 : -1);
    const other = post.querySelector(button.matches(".up") ? ".down[aria-pressed=true]" : button.matches(".down") ? ".up[aria-pressed=true]" : "none");
    if (other && on) press(other, false, -1);
    return () => before.forEach(([one, pressed, action, count]) => { one.ariaPressed = pressed; one.setAttribute("formaction", action); one.querySelector("b").textContent = count; });
  }
  if (about.bond === "follow" && button.matches(".follow")) {
    const before = button.dataset.relation;
    relate(button, before === "none" ? "following" : "none");
    return () => relate(button, before);
  }
  const gone = about.request ? button.closest(".person") : about.post && !about.verb ? document.getElementById(`p-${about.post}`) : null;
  if (gone) {
    gone.hidden = true;
    return () => { gone.hidden = false; };
  }
  return () => {};
}

function settle(button, about, answer) {
  if (about.verb === "repost" || about.verb === "vote") {
    for (const post of document.querySelectorAll(`[data-id="${about.post}"]`)) showFigures(post, answer);
  } else if (about.bond === "follow" && answer.relation) {
    for (const one of document.querySelectorAll(`.follow[formaction^="/accounts/${about.account}/follow"]`)) relate(one, answer.relation);
    if (answer.message) toast(answer.message);
  } else if (about.verb === "deletion") {
    document.getElementById(`p-${about.post}`)?.removeAttribute("hidden");
    toast(words.restored);
  } else if (answer.undo) {
    toast(answer.message, { label: words.undo, act: answer.undo, seconds: Math.min(answer.seconds || 10, 30) });
  } else if (about.request) {
    for (const badge of document.querySelectorAll(".badge:not([data-unread])")) {
      const left = Number(badge.textContent) - 1;
      if (left > 0) badge.textContent = left; else badge.remove();
    }
    dropRow(button);
  } else if (about.bond) {
    if (button.dataset.row !== undefined) dropRow(button);
    else location.reload();
  }
}

// A list that is empty now says so in the server's words.
function dropRow(button) {
  const row = button.closest(".person");
  const list = row.parentElement;
  row.remove();
  if (!list.querySelector(".person")) location.reload();
}

function press(button, on, by) {
  button.ariaPressed = String(on);
  button.setAttribute("formaction", button.getAttribute("formaction").replace(/_method=\w+/, `_method=${on ? "DELETE" : "PUT"}`));
  count(button.querySelector("b"), by);
}

function count(figure, by) {
  const now = figure.textContent.trim();
  // A shortened figure such as 12.4k is left to the server.
  if (/^\d{0,3}$/.test(now)) figure.textContent = Math.max(0, Number(now) + by) || "";
}

function showFigures(post, answer) {
  const set = (name, count, on) => {
    const one = post.querySelector(`.acts > .${name}`);
    if (!one || count === undefined) return;
    if (on !== undefined) press(one, on, 0);
    one.querySelector("b").textContent = count;
  };
  set("repost", answer.reposts, answer.repost);
  set("up", answer.votes, answer.up);
  set("down", answer.downs, answer.down);
}

function relate(button, relation) {
  button.dataset.relation = relation;
  button.setAttribute("formaction", button.getAttribute("formaction").replace(/_method=\w+/, `_method=${relation === "none" ? "PUT" : "DELETE"}`));
  button.querySelector("span").textContent = words[{ none: "follow", following: "following", requested: "requested" }[relation]] || words.follow;
}

function offerRepost(button) {
  const menu = fromTemplate("repost-menu");
  menu.querySelector("[data-do=quote]").href = `/compose?quote=${button.closest(".post").dataset.id}`;
  menu.querySelector("[data-do=repost]").addEventListener("click", () => { closeSheet(); button.dataset.sure = "1"; button.click(); });
  openSheet(menu, button);
}

function closeMenuOf(button) {
  if (sheetBody.contains(button)) closeSheet();
}
