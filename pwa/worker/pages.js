// Pages: from the network first, and kept for the member they were made for, to be read when there is no connection.
import { readState, switchAccount, writeState } from "../static/js/store.js";
import { copyOf, marked } from "./copies.js";
import { isHere, movedPage, movesTo } from "./domain_migration.js";
import { OFFLINE, keepOffline } from "./shell_cache.js";

const PATIENCE_MS = 4000;
const KEPT = /^\/(public|notifications|compose|@\w+(\/\d+)?)?$/;
// Parameters with which a page is still the page; with any other it is a part of one, or begun for something.
const HARMLESS = ["from", "for", "sort", "copy"];
const AT_MOST = [[/^\/@\w+\/\d+$/, 20], [/^\/@\w+$/, 20]];

function keyOfPage(url) {
  const whole = [...url.searchParams.keys()].every((name) => HARMLESS.includes(name));
  return whole && KEPT.test(url.pathname) ? url.pathname : "";
}

export function readPage(event, url) {
  const key = keyOfPage(url);
  const asOf = Date.now();
  const asked = askNetwork(event);
  event.waitUntil(asked.then(({ copy }) => copy && filePage(copy, key, asOf)).catch(() => {}));
  // The form is the same for whatever it is begun; the page's script begins it.
  const copy = () => keptPage(url.pathname === "/compose" ? "/compose" : key);
  // From the page that leads to the new address one can still read what is kept of the old one.
  const kept = url.searchParams.has("copy") ? copy : async () => (await movedPage()) || copy();
  return Promise.race([asked.then(({ answer }) => answer), patience(kept)]).catch(async () => (await kept()) || nothingKept(url));
}

async function askNetwork(event) {
  const answer = (await event.preloadResponse) || (await fetch(event.request));
  // From a proxy whose server is away.
  if (answer.status >= 502 && answer.status <= 504) throw new Error(answer.status);
  // Once the network goes elsewhere, somebody else may stand at its old address.
  if (await movesTo() && !(await isHere())) throw new Error("somebody else");
  const html = answer.headers.get("content-type")?.startsWith("text/html");
  return { answer, copy: html && answer.clone() };
}

// A bad connection: after a while the copy, if there is one.
const patience = (kept) => new Promise((done) => {
  setTimeout(async () => { const page = await kept(); if (page) done(page); }, PATIENCE_MS);
});

async function filePage(answer, key, asOf) {
  const html = await answer.text();
  // The page itself says whose it is: the session may have changed since a script last did.
  const account = /^<!doctype html>\s*<html[^>]* data-me="(\d+)"/.exec(html)?.[1];
  if (!account || !(await switchAccount(account, asOf))) return;
  // What broke on the way is no reason to lose the copy; what is gone, or not for this member, is.
  if (!key || account === "0" || ![200, 403, 404, 410].includes(answer.status)) return;
  const pages = await caches.open(`pages-${account}`);
  await pages.delete(key);
  if (answer.status !== 200) return;
  await pages.put(key, copyOf(answer, html));
  for (const [kind, most] of AT_MOST) {
    const kept = (await pages.keys()).filter((one) => kind.test(new URL(one.url).pathname));
    for (const old of kept.slice(0, -most)) await pages.delete(old);
  }
}

async function keptPage(key) {
  const account = await readState("me");
  if (!key || !account || account === "0") return null;
  const found = await caches.match(key, { cacheName: `pages-${account}` });
  return found && marked(found, account, found.headers.get("x-saved"));
}

async function nothingKept(url) {
  if (url.pathname === "/share") return Response.redirect(`/compose?text=${encodeURIComponent(sharedText(url.searchParams))}`, 303);
  const found = await caches.match(OFFLINE);
  return found ? marked(found, (await readState("me")) || "0", "") : Response.error();
}

// A site can send this form too. One that says so is left to the server, which refuses it by what browsers tell servers
// and not workers; one that keeps silent looks like the system. So nothing is done with what comes but to keep it on the
// device, until the member has seen it and says so (pages/shared.js).
export const isFromElsewhere = ({ referrer }) => referrer.startsWith("http") && new URL(referrer).origin !== location.origin;

export async function takeShared(request) {
  const asked = await request.formData().catch(() => new FormData());
  const files = asked.getAll("files").filter((one) => one instanceof File && one.size).slice(0, 4);
  const text = sharedText(asked);
  // Without room for the files the words go on alone.
  const kept = files.length > 0 && await readState("me").then((account) => writeState("shared", { text, files, at: Date.now(), account })).then(() => true, () => false);
  return Response.redirect(kept ? "/compose?shared=1" : `/compose?text=${encodeURIComponent(text)}`, 303);
}

// As the server does it: many apps repeat the address in the text.
function sharedText(asked) {
  const told = ["title", "text", "url"].map((name) => String(asked.get(name) || "").trim());
  return told.filter((part, at) => part && !told.slice(0, at).some((before) => before.includes(part))).join("\n");
}

// The form in the sheet, which pages fetch by themselves.
export function readForm(event, url) {
  const kept = () => keptPage("/compose?sheet");
  const asked = fetch(event.request);
  if (!url.search) event.waitUntil(Promise.all([asked.then((answer) => answer.clone()), readState("me")]).then((both) => keepForm(...both)).catch(() => {}));
  return Promise.race([asked, patience(kept)]).catch(async () => (await kept()) || Response.error());
}

async function keepForm(answer, account) {
  const html = await answer.text();
  if (answer.status !== 200 || answer.redirected || !account || account === "0" || account !== await readState("me")) return;
  await (await caches.open(`pages-${account}`)).put("/compose?sheet", copyOf(answer, html));
}

// What one needs from the first moment without a connection: home, and a form to write in.
export async function provide(account, lang, asOf) {
  if (!(await switchAccount(account, asOf))) return;
  const before = await readState("lang");
  if (before !== lang) await keepOffline();
  if (account !== "0") {
    const pages = await caches.open(`pages-${account}`);
    const missing = async (key) => (before && before !== lang) || !(await pages.match(key));
    for (const key of ["/", "/compose"]) {
      if (!(await missing(key))) continue;
      const answer = await fetch(key);
      // Whoever is suspended is led elsewhere, and writes nothing.
      if (answer.redirected) return;
      await filePage(answer, key, asOf);
    }
    if (await missing("/compose?sheet")) await keepForm(await fetch(`/compose?for=${account}`, { headers: { "HX-Request": "true", "HX-Target": "sheet-body" } }), account);
  }
  await writeState("lang", lang);
}
