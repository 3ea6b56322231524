// The shell: style, scripts, icons and the page for when there is no connection, under names that change with them.
// VERSION, SHELL and FONTS come from pwa/routes/worker.py.
import { copyOf } from "./copies.js";

const CACHE = `shell-${VERSION}`;
export const OFFLINE = "/offline";
export const MOVED = "/moved";

export async function fillShell() {
  const cache = await caches.open(CACHE);
  await cache.addAll(navigator.connection?.saveData ? SHELL : [...SHELL, ...FONTS]);
  await keepOffline();
}

// In the language and the colours of whoever is here.
export async function keepOffline() {
  for (const page of [OFFLINE, MOVED]) {
    const answer = await fetch(page);
    if (answer.ok) await (await caches.open(CACHE)).put(page, copyOf(answer, await answer.text()));
  }
}

export async function activateShell() {
  // Firefox gives a page up when what it asked for ahead fails, whatever the worker answers then.
  const preload = registration.navigationPreload;
  await (/Firefox\//.test(navigator.userAgent) ? preload?.disable() : preload?.enable());
  // The one before stays: pages that were kept since then were made for it.
  const older = (await caches.keys()).filter((name) => name.startsWith("shell-") && name !== CACHE).slice(0, -1);
  for (const name of older) await caches.delete(name);
  await clients.claim();
}

export async function fromShell(request, path) {
  const found = await caches.match(request, { ignoreVary: true });
  if (found) return found;
  try {
    const answer = await fetch(request);
    if (answer.status === 200) await (await caches.open(CACHE)).put(request, answer.clone());
    return answer;
  } catch (error) {
    return (await todaysFile(path)) || Response.error();
  }
}

// A page that was kept long ago asks for what is no longer here: today's is better than nothing.
async function todaysFile(path) {
  const bare = (name) => name.replace(/\.[0-9a-f]{12}(?=[./])/, "");
  const name = SHELL.find((one) => bare(one) === bare(path));
  return name && caches.match(name);
}
