// Notifications that have been on the screen for a moment count as read.
import { me } from "./page.js";
import { showUnread } from "./unread.js";

const READ_MS = 1500;

function markRead() {
  const list = document.querySelector(".notes[data-upto]");
  if (!list?.querySelector(".unread") || document.hidden) return;
  const url = `/notifications/read?upto=${list.dataset.upto}&only=${list.dataset.only}&_method=PUT`;
  fetch(url, { method: "POST", headers: { "X-Act": "1", "X-Account": me } }).then((answer) => answer.ok && answer.json()).then((answer) => {
    if (!answer) return;
    showUnread(answer.unread);
    document.querySelector(".bar.fresh button")?.remove();
  }).catch(() => {});
}
const markSoon = () => setTimeout(markRead, READ_MS);
markSoon();
document.addEventListener("visibilitychange", () => { if (!document.hidden) markSoon(); });
