// How many notifications wait to be read: in the badges, the title, and on the app's icon.
export function showUnread(unread) {
  for (const badge of document.querySelectorAll("[data-unread]")) {
    badge.textContent = unread > 99 ? "99+" : unread || "";
    badge.hidden = !unread;
  }
  document.title = (unread ? `(${unread > 99 ? "99+" : unread}) ` : "") + document.title.replace(/^\(\d+\+?\) /, "");
  (unread ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.())?.catch(() => {});
}
showUnread(parseInt(document.querySelector("[data-unread]")?.textContent) || 0);
