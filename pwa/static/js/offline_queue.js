// Sends an action, or keeps it in the offline queue for when there is a connection.
import { request } from "../../../web/static/js/delivery.js";
import { applyLateAnswer, showQueued, undoRefused } from "../../../web/static/js/actions.js";
import { lazy } from "../../../web/static/js/main.js";
import { me, words } from "../../../web/static/js/page.js";
import { prependPost } from "../../../web/static/js/posts.js";
import { toast } from "../../../web/static/js/toast.js";
import { showUnread } from "../../../web/static/js/unread.js";
import { sendQueue } from "./sending.js";
import { dropAction, queuedActions, putAction } from "./store.js";
import { appWords } from "./words.js";

// Soon at first: a connection that has just come back often loses the first request.
const PAUSES_MS = [3000, 10000, 60000];

const unsent = lazy(() => import("./unsent.js"));
let waiting = 0;
let retryTimer = 0;
let retries = 0;

/** Gives the server's answer; undefined when the action is kept, null when it can't be. One with no kind never is. */
export async function deliver(action, headers) {
  // What waits goes first, and so do the pictures that were kept here.
  if ((!waiting && !action.files?.length) || !action.kind) {
    const response = await request(action, headers);
    if (response || !action.kind) return response;
  }
  return queue(action).catch(() => null);
}

async function queue(action) {
  if (me === "0") return null;
  if (!waiting || !navigator.onLine) toast(appWords.later);
  // Of two presses of a button the last counts.
  const path = ({ url }) => url.split("?")[0];
  if (action.kind !== "post") for (const old of await queuedActions(me)) if (old.status === "waiting" && path(old) === path(action)) await dropAction(old.id);
  await putAction({ account: me, method: "POST", at: Date.now(), status: "waiting", ...action });
  await showUnsent();
  const registered = await navigator.serviceWorker?.getRegistration();
  await registered?.sync?.register("outbox").catch(() => {});
  if (navigator.onLine) sendWaiting();
}

export function sendWaiting() {
  const worker = navigator.serviceWorker?.controller;
  if (worker) worker.postMessage({ flush: true });
  else sendQueue(receive).catch(() => {});
}

/** Shows what waits to be sent and what was refused, where one would look for it, and plans to send it. */
export async function showUnsent() {
  if (me === "0") return;
  const actions = await queuedActions(me);
  waiting = actions.filter(({ status }) => status === "waiting").length;
  planSending();
  if (actions.length) await unsent().then(({ show }) => show(actions), () => {});
  else document.getElementById("unsent")?.replaceChildren();
}

/** Each that was sent or refused, from the worker or from ourselves; and what a notification brought. */
export function receive({ sent, answer, refused, unread, account, renew }) {
  if (sent?.account === me) showSent(sent, answer);
  if (refused?.account === me) showRefused(refused);
  if (sent || refused) showUnsent();
  if (unread !== undefined && account === me) showUnread(unread);
  if (renew && !isWriting()) location.replace(renew);
}

const isWriting = () => [...document.querySelectorAll("textarea, input:not([type=checkbox], [type=radio])")].some((one) => one.value !== one.defaultValue);

function showSent(action, answer) {
  if (action.kind !== "post") return applyLateAnswer(action, answer);
  const reply = new URLSearchParams(action.body).get("reply_to");
  const place = reply ? document.querySelector(`.focus[data-id="${reply}"]`) && document.getElementById("replies") : document.querySelector("#feed[data-own]");
  if (place && answer.html && !document.getElementById(`p-${answer.id}`)) prependPost(place, answer.html, reply);
  toast(words.posted, { label: words.view, href: answer.url });
}

function showRefused(action) {
  if (action.kind !== "post") undoRefused(action);
  toast(action.reason || words.failed, { error: true });
}

// What was asked of the worker may have met its end, so that what still waits is sent from here.
function planSending() {
  clearTimeout(retryTimer);
  if (!waiting) retries = 0;
  else retryTimer = setTimeout(() => { retries++; sendQueue(receive).catch(() => {}).then(showUnsent); }, PAUSES_MS[Math.min(retries, 2)]);
}

addEventListener("online", () => { retries = 0; planSending(); if (waiting) sendWaiting(); });
showUnsent().then(async () => {
  for (const action of waiting ? await queuedActions(me) : []) if (action.status === "waiting") showQueued(action);
  if (waiting) sendWaiting();
}, () => {});
