// Puts what waits behind the pill onto the page.
import { listen, stopListening } from "./live_updates.js";
import { fromServer } from "./page.js";
import { toastFailure } from "./toast.js";

export async function insertNew(pill) {
  const page = document.querySelector("[data-live]");
  const thread = page.dataset.live === "thread";
  const response = await fetch(thread ? `${pill.href}?new=${page.dataset.since}` : pill.href, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!response?.ok) return toastFailure(response);
  const content = fromServer(await response.text());
  const got = thread ? content : content.querySelector("#feed");
  if (!got) { location.reload(); return; }
  // Before the stream begins anew: what the page shows now is no news.
  stopListening();
  const shown = thread ? got.firstElementChild?.dataset.since : got.dataset.since;
  const first = thread ? placeReplies(got, page) : placePosts(got, page);
  if (shown) page.dataset.since = shown;
  if (got.dataset?.from) page.dataset.from = got.dataset.from;
  pill.hidden = true;
  listen();
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  if (thread) first?.scrollIntoView({ block: "center", behavior });
  else scrollTo({ top: 0, behavior });
  first?.focus({ preventScroll: true, focusVisible: false });
}

// New posts go where the network has them, and what is below stays. Too many to join up: the page begins anew.
function placePosts(got, page) {
  const posts = [...got.querySelectorAll(":scope > .post")];
  if (!posts.some((post) => page.querySelector(`#${post.id}`))) {
    page.replaceChildren(...got.childNodes);
    window.htmx?.process(page);
    return page.querySelector(".post");
  }
  let last = null;
  let first = null;
  for (const post of posts) {
    const old = page.querySelector(`#${post.id}`);
    if (!old) {
      if (last) last.after(post); else page.prepend(post);
      post.classList.add("new");
      first ||= post;
      window.htmx?.process(post);
    }
    last = old || post;
  }
  return first;
}

// A new reply goes below what it answers, or on top when that is not drawn here.
function placeReplies(got, page) {
  let first = null;
  for (const node of [...got.children]) {
    const post = node.querySelector(".post");
    if (document.getElementById(post.id)) continue;
    const parent = page.querySelector(`[data-id="${node.dataset.parent}"]`)?.closest(".node");
    const depth = (one) => (one?.matches(".d2") ? 2 : one?.matches(".d1") ? 1 : 0);
    if (parent) {
      let last = parent;
      while (last.nextElementSibling && depth(last.nextElementSibling) > depth(parent)) last = last.nextElementSibling;
      node.classList.add(`d${Math.min(2, depth(parent) + 1)}`);
      last.after(node);
    } else {
      page.querySelector(":scope > .none")?.remove();
      node.classList.add("d0");
      if (!document.querySelector(`.focus[data-id="${node.dataset.parent}"]`)) node.classList.add("loose");
      const branch = document.createElement("div");
      branch.className = "branch";
      branch.append(node);
      page.prepend(branch);
    }
    post.classList.add("new");
    window.htmx?.process(node);
    first ||= post;
  }
  return first;
}
