// What is kept on the device, in IndexedDB: who is here ("me" and other state), and the offline queue: what is still to
// be sent. (Its store, its lock and its sync have the name "outbox", on devices too.) For pages and the service worker.
const DAY_MS = 86400000;

function openStore() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("parvis", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("state");
      asked.result.createObjectStore("outbox", { keyPath: "id", autoIncrement: true });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

// Opened for each step: a connection that is held keeps the browser from clearing what we ask it to clear.
async function withStore(name, mode, step) {
  const base = await openStore();
  try {
    return await new Promise((done, failed) => {
      const change = base.transaction(name, mode);
      const asked = step(change.objectStore(name));
      change.oncomplete = () => done(asked?.result);
      change.onabort = () => failed(change.error);
    });
  } finally { base.close(); }
}

export const readState = (name) => withStore("state", "readonly", (all) => all.get(name));
export const writeState = (name, value) => withStore("state", "readwrite", (all) => all.put(value, name));

/** Actions in the order in which they were made: {id, account, method, url, kind, body, headers, text, at, status, ...}. */
export const queuedActions = async (account) => (await withStore("outbox", "readonly", (all) => all.getAll())).filter((one) => one.account === account);
export const putAction = (action) => withStore("outbox", "readwrite", (all) => all.put(action));
export const dropAction = (id) => withStore("outbox", "readwrite", (all) => all.delete(id));
export const readAction = (id) => withStore("outbox", "readonly", (all) => all.get(id));
export const countActions = () => withStore("outbox", "readonly", (all) => all.count());

/** Whether what another app has shared is for this account: for whoever was here, or for whoever signs in next. */
export const isSharedWith = (account, shared) => ["0", undefined, account].includes(shared.account) && Date.now() - shared.at < DAY_MS;

/**
 * Whoever is here now: what was kept to be read by somebody else goes. What others have not sent yet stays for them,
 * unseen, until they are back or sign out. Gives false for a page that was asked for before the last who came did: it is
 * late, and says nothing about now. (A time that has not come yet is from before the clock was set.)
 */
export async function switchAccount(account, asOf = Date.now()) {
  if (await readState("me") === account) return true;
  const since = await readState("since");
  if (asOf < since && since <= Date.now()) return false;
  const shared = await readState("shared");
  await withStore("state", "readwrite", (all) => {
    all.clear();
    all.put(asOf, "since");
    if (shared && isSharedWith(account, shared)) all.put(shared, "shared");
    return all.put(account, "me");
  });
  for (const name of await self.caches?.keys() ?? []) if (name.startsWith("pages-") && name !== `pages-${account}`) await caches.delete(name);
  const worker = self.registration ?? await navigator.serviceWorker?.getRegistration();
  for (const notification of await worker?.getNotifications?.() ?? []) notification.close();
  return true;
}
