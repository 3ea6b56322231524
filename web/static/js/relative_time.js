// Keeps "6 min" true while the page stays open.
import { counted, words } from "./page.js";

/** "6 min" for a time in milliseconds; null for one so long ago that the server's date stays. */
export function relativeTime(ms, now = Date.now()) {
  const minutes = Math.floor((now - ms) / 60000);
  if (minutes < 1) return words.now;
  if (minutes < 60) return counted(words.minutes, minutes);
  if (minutes < 1440) return counted(words.hours, Math.floor(minutes / 60));
  if (minutes < 10080) return counted(words.days, Math.floor(minutes / 1440));
  return null;
}

function refreshTimes() {
  // A day alone has no hour to count from.
  for (const time of document.querySelectorAll(".when time[datetime*=T]")) {
    const text = relativeTime(Date.parse(time.dateTime));
    if (text && text !== time.textContent) time.textContent = text;
  }
}
setInterval(refreshTimes, 30000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshTimes(); });
