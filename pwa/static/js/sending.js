// Sends what is in the offline queue, from a page or from the service worker.
import { dropAction, queuedActions, putAction, readState, writeState } from "./store.js";

const ATTEMPTS = 8;
const TIMEOUT_MS = 20000;
const MAX_REST_MS = 3600000;
const BUSY = [429, 502, 503, 504];

/** One at a time, whether page or worker. */
export const withQueue = (step) => (navigator.locks ? navigator.locks.request("outbox", step) : step());

/**
 * Sends what waits, in the order in which it was made. What is sent twice counts once: a post has its key, all else says
 * how things shall be. Gives false when it is worth trying again by itself; `report` is called with {sent, answer} or
 * {refused} for each.
 */
export function sendQueue(report) {
  return withQueue(async () => {
    if (await readState("rest") > Date.now()) return false;
    const account = await readState("me");
    for (const action of await queuedActions(account)) {
      if (action.status !== "waiting") continue;
      const outcome = await sendAction(action, report);
      if (outcome !== "done") return outcome !== "later";
    }
    return true;
  });
}

async function sendAction(action, report) {
  // Its pictures first, each once: what has arrived is no longer kept here.
  while (action.files?.length) {
    const [{ key, file }] = action.files;
    const outcome = await sendPart(action, report, `/media?key=${key}`, file, { "Content-Type": "application/octet-stream" }, async (sent) => {
      action.body = action.body.replaceAll(`alt.local-${key}=`, `alt.${sent.id}=`);
      action.shots = { ...action.shots, [sent.id]: sent };
      action.files.shift();
      await putAction(action);
    });
    if (outcome !== "done" || action.status === "refused") return outcome;
  }
  return sendPart(action, report, action.url, action.body || undefined, action.headers, async (answer) => {
    await dropAction(action.id);
    await report({ sent: action, answer });
  });
}

// Gives "done" (also when it was refused for good), "later", or "away" when the member is not here.
async function sendPart(action, report, url, body, more, arrived) {
  const headers = { ...more, "X-Act": "1", "X-Account": action.account };
  const timeout = body instanceof Blob ? TIMEOUT_MS * 6 : TIMEOUT_MS;
  const response = await fetch(url, { method: action.method, headers, body, redirect: "manual", signal: AbortSignal.timeout(timeout) }).catch(() => null);
  if (!response || response.type === "opaqueredirect") return "later";
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) {
    await arrived(answer);
    return "done";
  }
  if (response.status === 401 || answer?.error?.code === "other_account") return "away";
  // A crowd, a server that is away, or another that answers for it: nothing is said of the action, and none goes before it.
  if (!answer || BUSY.includes(response.status)) {
    await writeState("rest", restUntil(response.headers.get("retry-after")));
    return "later";
  }
  action.attempts = (action.attempts || 0) + 1;
  if (response.status < 500 || action.attempts >= ATTEMPTS) Object.assign(action, { status: "refused", code: answer.error?.code, reason: answer.error?.message || `${response.status} ${response.statusText}` });
  await putAction(action);
  if (action.status === "waiting") return "later";
  await report({ refused: action });
  return "done";
}

/** When a server may be asked again that said so in seconds or as a date: milliseconds, within an hour. */
export function restUntil(retryAfter) {
  const until = /^\d+$/.test(retryAfter) ? Date.now() + retryAfter * 1000 : Date.parse(retryAfter);
  return Math.min(until || 0, Date.now() + MAX_REST_MS);
}
