// How many notifications wait to be read; and what tells a member's open page of news, after what the page itself needs.
function showUnread(unread) {
  for (const badge of document.querySelectorAll("[data-unread]")) {
    badge.textContent = unread > 99 ? "99+" : unread || "";
    badge.hidden = !unread;
  }
  document.title = (unread ? `(${unread > 99 ? "99+" : unread}) ` : "") + document.title.replace(/^\(\d+\+?\) /, "");
  (unread ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.())?.catch(() => {});
}
showUnread(parseInt(document.querySelector("[data-unread]")?.textContent) || 0);

let isLive = false;
async function startLive() {
  if (isLive || document.hidden || me === "0") return;
  const live = await later("live").catch(() => null);
  if (live && !isLive) live.start({ showFigures, showUnread, toastFailure, fromServer });
  isLive ||= Boolean(live);
}
document.addEventListener("visibilitychange", startLive);
if (document.readyState === "complete") setTimeout(startLive, 1200);
else addEventListener("load", () => setTimeout(startLive, 1200));
