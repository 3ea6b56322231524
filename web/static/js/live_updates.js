// Tells an open page what is new: posts and replies wait behind a pill, counts change where they stand.
import { lazy } from "./main.js";
import { showCounts } from "./posts.js";
import { showUnread } from "./unread.js";

const HIDDEN_MS = 60000;
const newPosts = lazy(() => import("./new_posts.js"));
const root = document.documentElement;
let stream = null;
let streamTimer = 0;
let streamFailures = 0;
let streamOver = false;

export const start = () => listen(true);

export function listen(fresh) {
  clearTimeout(streamTimer);
  if (stream || streamOver || document.hidden || "signedOut" in root.dataset) return;
  const page = document.querySelector("[data-live]");
  const asked = new URLSearchParams({ for: root.dataset.me, at: page?.dataset.live || "none", posts: postsToWatch() });
  for (const name of ["root", "since", "from"]) if (page?.dataset[name]) asked.set(name, page.dataset[name]);
  if (fresh === true && !("saved" in root.dataset)) asked.set("fresh", "1");
  stream = new EventSource(`/live?${asked}`);
  for (const [name, act] of Object.entries(HANDLERS)) stream.addEventListener(name, (event) => act(JSON.parse(event.data)));
  stream.onerror = async () => {
    // The browser comes back by itself unless it was sent away.
    if (stream?.readyState !== 2) return;
    const { url } = stream;
    stopListening();
    streamOver = await isOver(url);
    if (!streamOver && streamFailures++ < 5) streamTimer = setTimeout(listen, 30000 * 2 ** streamFailures * (0.7 + Math.random() / 2));
  };
}

// Somebody else is here by now, or nobody. The stream itself does not say why it was sent away.
async function isOver(url) {
  const asking = new AbortController();
  const answer = await fetch(url, { signal: asking.signal }).catch(() => null);
  asking.abort();
  return answer?.status === 204;
}

export function stopListening() {
  clearTimeout(streamTimer);
  stream?.close();
  stream = null;
}

// The newest on the page, and those around where one reads.
function postsToWatch() {
  const all = [...document.querySelectorAll("main .post")];
  const here = Math.max(0, all.findIndex((post) => post.getBoundingClientRect().bottom > 0) - 4);
  return [...new Set([...all.slice(0, 20), ...all.slice(here, here + 20)].map((post) => post.dataset.id))].join();
}

const offerNew = ({ count, text }) => {
  const pill = document.querySelector(".pill");
  if (!pill) return;
  pill.hidden = !count;
  if (count) pill.lastElementChild.textContent = text;
};

// More than the badge has said so far: on the notifications' own page they are one press away.
function offerNotifications(unread) {
  const pill = document.querySelector("[data-notes] .pill");
  if (pill && unread > (parseInt(document.querySelector("[data-unread]")?.textContent) || 0)) pill.hidden = false;
}

const HANDLERS = {
  hello: () => { streamFailures = 0; },
  bye: stopListening,
  notices: ({ unread }) => { offerNotifications(unread); showUnread(unread); },
  feed: offerNew,
  replies: offerNew,
  post: (figures) => {
    for (const post of document.querySelectorAll(`.post[data-id="${figures.id}"]`)) {
      post.hidden = post.inert = false;
      post.classList.remove("lost");
      // While a press of one's own is under way its answer knows better.
      if (post.querySelector(".acts [aria-busy=true]")) continue;
      showCounts(post, figures);
      const replies = post.querySelector(".acts > a b");
      if (replies) replies.textContent = figures.replies;
    }
  },
  gone: ({ id }) => {
    for (const post of document.querySelectorAll(`.post[data-id="${id}"]`)) {
      if (post.matches(".focus")) { post.inert = true; post.classList.add("lost"); }
      else keepingPlace(() => { post.hidden = true; });
    }
  },
};

function keepingPlace(change) {
  const first = [...document.querySelectorAll("main .post")].find((post) => post.getBoundingClientRect().top > 60);
  const top = first?.getBoundingClientRect().top;
  change();
  const by = first?.checkVisibility() ? first.getBoundingClientRect().top - top : 0;
  if (by) scrollBy({ top: by, behavior: "instant" });
}

// How they are put in is read when there are some.
document.addEventListener("click", async (event) => {
  const pill = event.target.closest(".pill");
  if (!pill?.matches(".news:not([data-notes]) > *") || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  if (pill.ariaBusy === "true") return;
  pill.ariaBusy = "true";
  const found = await newPosts().catch(() => null);
  if (!found) { location.reload(); return; }
  await found.insertNew(pill);
  pill.ariaBusy = null;
});

document.addEventListener("visibilitychange", () => {
  clearTimeout(streamTimer);
  if (document.hidden) streamTimer = setTimeout(stopListening, HIDDEN_MS);
  else listen();
});
// Whoever signs out is told no more: a stream would be sent away before the page is left, which browsers call an error.
new BroadcastChannel("signed-out").addEventListener("message", ({ data }) => { if (data === root.dataset.me) stopListening(); });
addEventListener("pagehide", stopListening);
addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
