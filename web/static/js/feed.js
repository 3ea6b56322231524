// A click beside the words opens a post; going back finds the place where one was.
document.addEventListener("click", (event) => {
  const post = event.target.closest(".post:not(.focus)");
  if (!post || event.defaultPrevented || event.target.closest("a, button, summary, input, details:not([open]), label") || String(getSelection())) return;
  if (event.metaKey || event.ctrlKey) window.open(post.dataset.url, "_blank", "noopener");
  else location.href = post.dataset.url;
});

document.addEventListener("click", (event) => {
  const back = event.target.closest("[data-back]");
  if (!back || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const here = document.referrer && new URL(document.referrer).origin === location.origin;
  if (here && history.length > 1) { event.preventDefault(); history.back(); }
});

// Below what it answers, the post that was asked for may lie off the screen.
function showFocus() {
  const focus = document.querySelector(".ancestors ~ .focus");
  const arrived = performance.getEntriesByType("navigation")[0]?.type === "navigate" && !location.hash && !scrollY;
  if (focus && arrived && focus.getBoundingClientRect().bottom > innerHeight - 70) focus.scrollIntoView({ block: "start", behavior: "instant" });
}
showFocus();

const placeKey = () => `place:${location.pathname}${location.search}`;
const olderPages = [];

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches?.(".older")) olderPages.push(event.target.getAttribute("href"));
});

addEventListener("pagehide", () => {
  if (!olderPages.length) return;
  const first = [...document.querySelectorAll(".post")].find((post) => post.getBoundingClientRect().bottom > 60);
  if (first) sessionStorage.setItem(placeKey(), JSON.stringify({ olderPages, id: first.id, top: first.getBoundingClientRect().top }));
});

function returnToPlace() {
  const kept = JSON.parse(sessionStorage.getItem(placeKey()) || "null");
  sessionStorage.removeItem(placeKey());
  if (kept && performance.getEntriesByType("navigation")[0]?.type === "back_forward") later("place").then(({ returnTo }) => returnTo(kept, olderPages, fromServer), () => {});
}
returnToPlace();
