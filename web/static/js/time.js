// Keeps "6 min" true while the page stays open.
function sayAgo(ms) {
  const minutes = Math.floor((Date.now() - ms) / 60000);
  if (minutes < 1) return words.now;
  if (minutes < 60) return counted(words.minutes, minutes);
  if (minutes < 1440) return counted(words.hours, Math.floor(minutes / 60));
  if (minutes < 10080) return counted(words.days, Math.floor(minutes / 1440));
  return null;
}

function refreshTimes() {
  for (const time of document.querySelectorAll(".when time")) {
    const said = sayAgo(Date.parse(time.dateTime));
    if (said && said !== time.textContent) time.textContent = said;
  }
}
setInterval(refreshTimes, 30000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshTimes(); });
