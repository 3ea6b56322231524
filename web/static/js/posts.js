// Posts that are on the page: their counts and buttons, and new ones on top.
import { fromServer } from "./page.js";

/** Shows one of a post's buttons as pressed or not, and what a press of it would do next; `by` changes its count. */
export function press(button, on, by) {
  button.ariaPressed = String(on);
  button.setAttribute("formaction", button.getAttribute("formaction").replace(/_method=\w+/, `_method=${on ? "DELETE" : "PUT"}`));
  count(button.querySelector("b"), by);
}

/** Adds to a count. A shortened one such as 12.4k is left to the server. */
export function count(figure, by) {
  const now = figure.textContent.trim();
  if (/^\d{0,3}$/.test(now)) figure.textContent = Math.max(0, Number(now) + by) || "";
}

/** Shows the server's counts and the member's own presses: {reposts, repost, votes, up, downs, down}. */
export function showCounts(post, answer) {
  const set = (name, figure, on) => {
    const button = post.querySelector(`.acts > .${name}`);
    if (!button || figure === undefined) return;
    if (on !== undefined) press(button, on, 0);
    button.querySelector("b").textContent = figure;
  };
  set("repost", answer.reposts, answer.repost);
  set("up", answer.votes, answer.up);
  set("down", answer.downs, answer.down);
}

/** Puts a post that the server has rendered on top of a feed, or of the replies when it is one. */
export function prependPost(place, html, reply) {
  place.querySelector(":scope > .empty, :scope > .none")?.remove();
  place.prepend(fromServer(reply ? `<div class="branch"><div class="node d0">${html}</div></div>` : html));
  place.firstElementChild.classList.add("new");
  window.htmx?.process(place.firstElementChild);
}
