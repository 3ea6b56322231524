// The theme buttons answer at once; the choice is sent behind them.
const root = document.documentElement;

function showTheme() {
  const chosen = root.dataset.theme;
  for (const button of document.querySelectorAll(".themes button")) button.ariaPressed = String(button.value === chosen);
  // The browser's own bar follows a choice by hand.
  const paper = getComputedStyle(root).backgroundColor;
  if (chosen !== "auto") for (const meta of document.querySelectorAll("meta[name=theme-color]")) meta.content = paper;
}

document.addEventListener("submit", (event) => {
  if (event.submitter?.name !== "theme") return;
  event.preventDefault();
  root.dataset.theme = event.submitter.value;
  showTheme();
  fetch(event.target.action, { method: "POST", body: new URLSearchParams(new FormData(event.target, event.submitter)), redirect: "manual" }).catch(() => {});
});
showTheme();
