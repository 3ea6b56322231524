// Votes, reposts, follows and deletions show at once, and are rolled back when they are refused. Without a connection
// the first three, and answers to follow requests, may wait for one.
import { deliver, request } from "./delivery.js";
import { fromTemplate, words } from "./page.js";
import { press, showCounts } from "./posts.js";
import { closeSheet, openSheet, sheetBody } from "./sheet.js";
import { toast, toastFailure } from "./toast.js";

const ADDRESS = /^\/(posts\/(\d+)(\/(repost|vote|deletion))?|accounts\/(\d+)\/(follow|mute|block)|requests\/(\d+))\?/;
const MAY_WAIT = ["vote", "repost", "follow"];
const RELATION_WORDS = { none: "follow", following: "following", requested: "requested" };

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target.id !== "act" || !button) return;
  const action = parseAction(button.formAction);
  if (!action || leavesPage(action)) return closeMenuOf(button);
  event.preventDefault();
  if (button.matches(".repost[aria-pressed=false]") && !button.dataset.sure) return offerRepost(button);
  delete button.dataset.sure;
  perform(button, action);
});

/** What an address of a button does: {url, post, verb, account, relation, request}; null for other addresses. */
function parseAction(address) {
  const { pathname, search } = new URL(address, location);
  const match = ADDRESS.exec(pathname + search);
  return match && { url: pathname + search, post: match[2], verb: match[4], account: match[5], relation: match[6], request: match[7] };
}

// A post deleted on its own page, or brought back where it is not, goes the way it goes without scripts.
function leavesPage({ post, verb }) {
  if (!post || (verb && verb !== "deletion")) return false;
  return verb ? !document.getElementById(`p-${post}`) : Boolean(document.querySelector(`.focus[data-id="${post}"]`));
}

// What turns on and off, by what it is about: {next}, the press that came while one was under way, the last of several.
const underWay = new Map();

async function perform(button, action) {
  const kind = action.request ? "request" : [action.verb, action.relation].find((one) => MAY_WAIT.includes(one));
  if (kind && kind !== "request") return turn(button, action, kind);
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  const { rollback, text } = draw(button, action);
  const response = await deliver({ kind, url: action.url, text }, { "X-Act": "1" });
  button.ariaBusy = null;
  await conclude(response, rollback, (answer) => applyAnswer(button, action, answer));
}

// A vote, a repost, a follow: each press shows at once. They are sent one after the other, so that the last one counts.
async function turn(button, action, kind) {
  const about = `${kind} ${action.post || action.account}`;
  let press = { button, action, ...draw(button, action) };
  const before = underWay.get(about);
  if (before) { before.next = press; return; }
  const line = { next: null };
  underWay.set(about, line);
  button.ariaBusy = "true";
  while (press) {
    const { rollback, text } = press;
    const response = await deliver({ kind, url: press.action.url, text }, { "X-Act": "1" });
    const next = line.next;
    line.next = null;
    const isDone = await conclude(response, rollback, (answer) => { if (!next) applyAnswer(press.button, press.action, answer); });
    press = isDone && next;
  }
  underWay.delete(about);
  button.ariaBusy = null;
}

function draw(button, action) {
  const text = describe(button);
  const rollback = applyOptimistically(button, action);
  closeMenuOf(button);
  return { rollback, text };
}

// Gives whether it was done, or is kept to be done later.
async function conclude(response, rollback, apply) {
  if (response === undefined) return true;
  if (response?.type === "opaqueredirect") { location.href = "/signin"; return false; }
  if (!response?.ok) { rollback(); toastFailure(response); return false; }
  apply(await response.json().catch(() => ({})));
  return true;
}

// What was pressed last arrives, even if the page is left before the press before it was answered.
addEventListener("pagehide", () => {
  for (const line of underWay.values()) if (line.next) request({ url: line.next.action.url }, { "X-Act": "1" });
});

// What an action is called where it is listed.
function describe(button) {
  const post = button.closest(".post")?.querySelector(".text")?.textContent.trim();
  return post ? `${button.querySelector(".vh")?.textContent}: ${post.slice(0, 80)}` : button.textContent.trim();
}

/** A page that is opened while an action waits shows it done. */
export function showQueued({ url }) {
  const button = document.querySelector(`button[formaction="${CSS.escape(url)}"]`);
  if (button) applyOptimistically(button, parseAction(url));
}

/** Takes back what `showQueued` has shown, or the press itself. */
export function undoRefused({ url }) {
  showQueued({ url: url.replace(/_method=(PUT|DELETE)/, (_, done) => `_method=${done === "PUT" ? "DELETE" : "PUT"}`) });
}

/** Shows the answer to an action that has waited. */
export function applyLateAnswer({ url }, answer) {
  const action = parseAction(url);
  if (!action.request) applyAnswer(null, action, answer);
}

// Draws what will very likely be, and returns how to take it back.
function applyOptimistically(button, action) {
  if (action.verb === "repost" || action.verb === "vote") return pressOptimistically(button);
  if (action.relation === "follow" && button.matches(".follow")) {
    const before = button.dataset.relation;
    showRelation(button, before === "none" ? "following" : "none");
    return () => showRelation(button, before);
  }
  const deletes = action.post && !action.verb;
  const gone = action.request ? button.closest(".person") : deletes ? document.getElementById(`p-${action.post}`) : null;
  if (!gone) return () => {};
  gone.hidden = true;
  return () => { gone.hidden = false; };
}

// A vote takes back the opposite one.
function pressOptimistically(button) {
  const post = button.closest(".post");
  const before = [...post.querySelectorAll(".acts button[aria-pressed]")].map((one) => [one, one.ariaPressed, one.getAttribute("formaction"), one.querySelector("b").textContent]);
  const on = button.ariaPressed !== "true";
  press(button, on, on ? 1 : -1);
  const other = post.querySelector(button.matches(".up") ? ".down[aria-pressed=true]" : button.matches(".down") ? ".up[aria-pressed=true]" : "none");
  if (other && on) press(other, false, -1);
  return () => {
    for (const [one, pressed, address, count] of before) {
      one.ariaPressed = pressed;
      one.setAttribute("formaction", address);
      one.querySelector("b").textContent = count;
    }
  };
}

function applyAnswer(button, action, answer) {
  if (action.verb === "repost" || action.verb === "vote") {
    for (const post of document.querySelectorAll(`[data-id="${action.post}"]`)) showCounts(post, answer);
  } else if (action.relation === "follow" && answer.relation) {
    for (const one of document.querySelectorAll(`.follow[formaction^="/accounts/${action.account}/follow"]`)) showRelation(one, answer.relation);
    if (answer.message) toast(answer.message);
  } else if (action.verb === "deletion") {
    document.getElementById(`p-${action.post}`)?.removeAttribute("hidden");
    toast(words.restored);
  } else if (answer.undo) {
    toast(answer.message, { label: words.undo, act: answer.undo, seconds: Math.min(answer.seconds || 10, 30) });
  } else if (action.request) {
    countRequestAnswered();
    dropRow(button);
  } else if (action.relation) {
    if (button.dataset.row !== undefined) dropRow(button);
    else location.reload();
  }
}

function countRequestAnswered() {
  for (const badge of document.querySelectorAll(".badge:not([data-unread])")) {
    const left = Number(badge.textContent) - 1;
    if (left > 0) badge.textContent = left; else badge.remove();
  }
}

// A list that is empty now says so in the server's words.
function dropRow(button) {
  const row = button.closest(".person");
  const list = row.parentElement;
  row.remove();
  if (!list.querySelector(".person")) location.reload();
}

function showRelation(button, relation) {
  button.dataset.relation = relation;
  button.setAttribute("formaction", button.getAttribute("formaction").replace(/_method=\w+/, `_method=${relation === "none" ? "PUT" : "DELETE"}`));
  button.querySelector("span").textContent = words[RELATION_WORDS[relation]] || words.follow;
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
