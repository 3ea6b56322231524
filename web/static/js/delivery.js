// Sends what a member does: {kind, url, body, headers, text, files, shots}. One without a kind can't wait.
import { me } from "./page.js";

const TIMEOUT_MS = 15000;

/** Gives the server's answer, null without a connection. What is pressed just before the page is left arrives too. */
export function request(action, headers) {
  return fetch(action.url, {
    method: "POST",
    keepalive: !action.body,
    body: action.body,
    headers: { ...action.headers, ...headers, "X-Account": me },
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => null);
}

/**
 * Gives the server's answer, null without a connection, undefined when the action was kept to be sent later. Whoever
 * listens for "deliver" may set the event's `detail.send`: a promise of a function that sends in place of `request`.
 */
export async function deliver(action, headers) {
  const detail = { send: null };
  document.dispatchEvent(new CustomEvent("deliver", { detail }));
  const send = (await detail.send?.catch(() => null)) ?? request;
  return send(action, headers);
}
