// What has been on the screen for a moment counts as read.
function readNotices() {
  const list = document.querySelector(".notes[data-upto]");
  if (!list?.querySelector(".unread") || document.hidden) return;
  const url = `/notifications/read?upto=${list.dataset.upto}&only=${list.dataset.only}&_method=PUT`;
  fetch(url, { method: "POST", headers: { "X-Act": "1", "X-Account": document.documentElement.dataset.me } }).then((answer) => answer.ok && answer.json()).then((answer) => {
    if (!answer) return;
    showUnread(answer.unread);
    document.querySelector(".bar.fresh button")?.remove();
  }).catch(() => {});
}
const readSoon = () => setTimeout(readNotices, 1500);
readSoon();
document.addEventListener("visibilitychange", () => { if (!document.hidden) readSoon(); });
