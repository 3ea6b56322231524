// A click beside the words opens a post; going back finds the place where one was.
import { isPlainClick, lazy, opensPost } from "./main.js";

const scrollPosition = lazy(() => import("./scroll_position.js"));

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || !opensPost(event)) return;
  const { url } = event.target.closest(".post").dataset;
  if (event.metaKey || event.ctrlKey) window.open(url, "_blank", "noopener");
  else location.href = url;
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-back]") || !isPlainClick(event)) return;
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
export const rememberOlder = (url) => olderPages.push(url);

addEventListener("pagehide", () => {
  if (!olderPages.length) return;
  const first = [...document.querySelectorAll(".post")].find((post) => post.getBoundingClientRect().bottom > 60);
  if (first) sessionStorage.setItem(placeKey(), JSON.stringify({ olderPages, id: first.id, top: first.getBoundingClientRect().top }));
});

function returnToPlace() {
  const kept = JSON.parse(sessionStorage.getItem(placeKey()) || "null");
  sessionStorage.removeItem(placeKey());
  const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  if (kept && isBack) scrollPosition().then(({ returnTo }) => returnTo(kept, rememberOlder), () => {});
}
returnToPlace();
