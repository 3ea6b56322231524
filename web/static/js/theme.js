// The theme buttons answer at once; the choice is sent behind them.
import { root } from "./page.js";

const themeColours = [...document.querySelectorAll("meta[name=theme-color]")];
const papers = { light: themeColours[0].content, dark: themeColours[1].content };

function showTheme() {
  const chosen = root.dataset.theme;
  for (const button of document.querySelectorAll(".themes button")) button.ariaPressed = String(button.value === chosen);
  // The bars around the page follow a choice by hand, and the device again when there is none.
  for (const meta of themeColours) meta.content = papers[chosen] ?? papers[meta.media.includes("dark") ? "dark" : "light"];
}

document.addEventListener("submit", (event) => {
  if (event.submitter?.name !== "theme") return;
  event.preventDefault();
  root.dataset.theme = event.submitter.value;
  showTheme();
  fetch(event.target.action, { method: "POST", body: new URLSearchParams(new FormData(event.target, event.submitter)), redirect: "manual" }).catch(() => {});
});
showTheme();
