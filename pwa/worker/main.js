// What the worker listens to. It never touches what is not a GET, but for what other apps share; nor live streams, nor
// fragments but the form's. The server joins this and what it imports into one classic script (web/assets.py).
import { sendQueue } from "../static/js/sending.js";
import { tellPages } from "./clients.js";
import { isLogRewritten } from "./log_watch.js";
import { answerMove, settle } from "./login_transfer.js";
import { isFromElsewhere, provide, readForm, readPage, takeShared } from "./pages.js";
import { announce, followNotification, renewSubscription } from "./push.js";
import { activateShell, fillShell, fromShell } from "./shell_cache.js";

addEventListener("install", (event) => event.waitUntil(fillShell()));
addEventListener("activate", (event) => event.waitUntil(activateShell()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === "POST" && url.origin === location.origin && url.pathname === "/share" && !isFromElsewhere(request)) event.respondWith(takeShared(request));
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (/^\/(static|icons)\//.test(url.pathname)) event.respondWith(fromShell(request, url.pathname));
  else if (request.mode === "navigate") event.respondWith(readPage(event, url));
  else if (url.pathname === "/compose" && request.headers.has("HX-Request")) event.respondWith(readForm(event, url));
});

addEventListener("message", (event) => {
  const { me, lang, asOf, told, flush, move, skipWaiting: go } = event.data || {};
  if (go) skipWaiting();
  if (me) event.waitUntil(provide(me, lang, asOf).then(() => settle(me, told)).catch(() => {}));
  if (me) event.waitUntil(isLogRewritten().then((rewritten) => rewritten && tellPages({ rewritten })).catch(() => {}));
  if (move) event.waitUntil(answerMove(move, event.ports[0]));
  if (flush) event.waitUntil(sendQueue(tellPages));
});

addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(sendQueue(tellPages).then((done) => { if (!done) throw new Error("later"); }));
});

addEventListener("push", (event) => event.waitUntil(announce(event.data)));
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(followNotification(event.action, event.notification.data || {}));
});
addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renewSubscription(event)));
