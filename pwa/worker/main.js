// What the worker listens to. It never touches what is not a GET, but for what other apps share; nor live streams, nor fragments but the form's.
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === "POST" && url.origin === location.origin && url.pathname === "/share" && !saysElsewhere(request)) event.respondWith(takeShared(request));
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (/^\/(static|icons)\//.test(url.pathname)) event.respondWith(fromShelf(request, url.pathname));
  else if (request.mode === "navigate") event.respondWith(readPage(event, url));
  else if (url.pathname === "/compose" && request.headers.has("HX-Request")) event.respondWith(readForm(event, url));
});

addEventListener("message", (event) => {
  const { me, lang, asOf, told, flush, move, skipWaiting: go } = event.data || {};
  if (go) skipWaiting();
  if (me) event.waitUntil(provide(me, lang, asOf).then(() => settle(me, told)).catch(() => {}));
  if (move) event.waitUntil(answerMove(move, event.ports[0]));
  if (flush) event.waitUntil(sendOutbox(tell));
});

addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(sendOutbox(tell).then((done) => { if (!done) throw new Error("later"); }));
});

async function tell(message) {
  for (const client of await clients.matchAll({ type: "window", includeUncontrolled: true })) client.postMessage(message);
}
