// What is kept on the device: who is here, and what is still to be sent. Joined into the page and into the worker.
const ATTEMPTS = 8;
const SENDING_MS = 20000;
const REST_MS = 3600000;

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
async function stored(store, mode, step) {
  const base = await openStore();
  try {
    return await new Promise((done, failed) => {
      const change = base.transaction(store, mode);
      const asked = step(change.objectStore(store));
      change.oncomplete = () => done(asked?.result);
      change.onabort = () => failed(change.error);
    });
  } finally { base.close(); }
}

const recall = (name) => stored("state", "readonly", (all) => all.get(name));
const remember = (name, value) => stored("state", "readwrite", (all) => all.put(value, name));
const outboxOf = async (account) => (await stored("outbox", "readonly", (all) => all.getAll())).filter((deed) => deed.account === account);
const putDeed = (deed) => stored("outbox", "readwrite", (all) => all.put(deed));
const dropDeed = (id) => stored("outbox", "readwrite", (all) => all.delete(id));
const deedAt = (id) => stored("outbox", "readonly", (all) => all.get(id));

// Whoever is here now: what was kept to be read by somebody else goes. What others have not sent yet stays for them,
// unseen, until they are back or sign out. Gives false for a page that was asked for before the last who came did: it is
// late, and says nothing about now. (A time that has not come yet is from before the clock was set.)
async function become(account, asOf = Date.now()) {
  if (await recall("me") === account) return true;
  const since = await recall("since");
  if (asOf < since && since <= Date.now()) return false;
  // What another app has shared is for whoever was here, or for whoever signs in next.
  const shared = await recall("shared");
  const theirs = shared && ["0", undefined, account].includes(shared.account) && Date.now() - shared.at < 86400000;
  await stored("state", "readwrite", (all) => { all.clear(); all.put(asOf, "since"); if (theirs) all.put(shared, "shared"); return all.put(account, "me"); });
  for (const name of await self.caches?.keys() ?? []) if (name.startsWith("pages-") && name !== `pages-${account}`) await caches.delete(name);
  const worker = self.registration ?? await navigator.serviceWorker?.getRegistration();
  for (const notice of await worker?.getNotifications?.() ?? []) notice.close();
  return true;
}

// One at a time, whether page or worker.
const alone = (step) => navigator.locks ? navigator.locks.request("outbox", step) : step();

// Sends what waits, in the order in which it was made. What is sent twice counts once: a post has its key, all else
// says how things shall be. Gives false when it is worth trying again by itself; `tell` hears of each.
function sendOutbox(tell) {
  return alone(async () => {
    if (await recall("rest") > Date.now()) return false;
    const account = await recall("me");
    for (const deed of await outboxOf(account)) {
      if (deed.status !== "waiting") continue;
      const outcome = await sendDeed(deed, tell);
      if (outcome !== "done") return outcome !== "later";
    }
    return true;
  });
}

async function sendDeed(deed, tell) {
  // Its pictures first, each once: what has arrived is no longer kept here.
  while (deed.files?.length) {
    const [{ key, file }] = deed.files;
    const outcome = await sendPart(deed, tell, `/media?key=${key}`, file, { "Content-Type": "application/octet-stream" }, async (sent) => {
      deed.body = deed.body.replaceAll(`alt.local-${key}=`, `alt.${sent.id}=`);
      deed.shots = { ...deed.shots, [sent.id]: sent };
      deed.files.shift();
      await putDeed(deed);
    });
    if (outcome !== "done" || deed.status === "refused") return outcome;
  }
  return sendPart(deed, tell, deed.url, deed.body || undefined, deed.headers, async (answer) => {
    await dropDeed(deed.id);
    await tell({ sent: deed, answer });
  });
}

async function sendPart(deed, tell, url, body, more, arrived) {
  const headers = { ...more, "X-Act": "1", "X-Account": deed.account };
  const patience = body instanceof Blob ? SENDING_MS * 6 : SENDING_MS;
  const response = await fetch(url, { method: deed.method, headers, body, redirect: "manual", signal: AbortSignal.timeout(patience) }).catch(() => null);
  if (!response || response.type === "opaqueredirect") return "later";
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) {
    await arrived(answer);
    return "done";
  }
  // The member is not here: it waits.
  if (response.status === 401 || answer?.error?.code === "other_account") return "away";
  // A crowd, a server that is away, or another that answers for it: nothing is said of the deed, and none goes before it.
  if (!answer || [429, 502, 503, 504].includes(response.status)) {
    await remember("rest", restUntil(response.headers.get("retry-after")));
    return "later";
  }
  deed.attempts = (deed.attempts || 0) + 1;
  if (response.status < 500 || deed.attempts >= ATTEMPTS) Object.assign(deed, { status: "refused", reason: answer.error?.message || `${response.status} ${response.statusText}` });
  await putDeed(deed);
  if (deed.status === "waiting") return "later";
  await tell({ refused: deed });
  return "done";
}

// Told in seconds or as a date.
function restUntil(told) {
  const until = /^\d+$/.test(told) ? Date.now() + told * 1000 : Date.parse(told);
  return Math.min(until || 0, Date.now() + REST_MS);
}
