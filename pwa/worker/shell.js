// The shell: style, scripts, icons and the page for when there is no connection, under names that change with them.
const SHELF = `shell-${VERSION}`;
const OFFLINE = "/offline";
const MOVED = "/moved";

addEventListener("install", (event) => event.waitUntil(fillShelf()));
addEventListener("activate", (event) => event.waitUntil(takeOver()));

async function fillShelf() {
  const shelf = await caches.open(SHELF);
  await shelf.addAll(navigator.connection?.saveData ? SHELL : [...SHELL, ...FONTS]);
  await keepOffline();
}

// In the language and the colours of whoever is here.
async function keepOffline() {
  for (const page of [OFFLINE, MOVED]) {
    const answer = await fetch(page);
    if (answer.ok) await (await caches.open(SHELF)).put(page, copyOf(answer, await answer.text()));
  }
}

async function takeOver() {
  // Firefox gives a page up when what it asked for ahead fails, whatever the worker answers then.
  const preload = registration.navigationPreload;
  await (/Firefox\//.test(navigator.userAgent) ? preload?.disable() : preload?.enable());
  // The one before stays: pages that were kept since then were made for it.
  const older = (await caches.keys()).filter((name) => name.startsWith("shell-") && name !== SHELF).slice(0, -1);
  for (const name of older) await caches.delete(name);
  await clients.claim();
}

async function fromShelf(request, path) {
  const found = await caches.match(request, { ignoreVary: true });
  if (found) return found;
  try {
    const answer = await fetch(request);
    if (answer.status === 200) await (await caches.open(SHELF)).put(request, answer.clone());
    return answer;
  } catch (error) {
    return (await likeIt(path)) || Response.error();
  }
}

// A page that was kept long ago asks for what is no longer here: today's is better than nothing.
async function likeIt(path) {
  const bare = (name) => name.replace(/\.[0-9a-f]{12}(?=\.\w+$)/, "");
  const name = SHELL.find((one) => bare(one) === bare(path));
  return name && caches.match(name);
}
