// The install page: one tap where the browser has it, and an iPad that calls itself a Mac.
import { installer } from "../js/main.js";

const page = document.querySelector(".install");
const oneTap = page.querySelector(".one-tap");

// An iPad's Safari asks for pages as a Mac; no Mac has a touch screen.
if (page.dataset.device === "safari" && page.dataset.asked === undefined && navigator.maxTouchPoints > 1) location.replace("/install?device=ipad");

function offer() {
  if (!oneTap || !installer.prompt) return;
  oneTap.hidden = page.querySelector(".or").hidden = false;
}
offer();
addEventListener("installable", offer);

page.querySelector("[data-install]")?.addEventListener("click", async () => {
  const question = installer.prompt;
  installer.prompt = null;
  // A question can be put once: after a no, the steps by hand stay.
  oneTap.hidden = true;
  await question?.prompt();
});

addEventListener("appinstalled", () => {
  if (!oneTap) return;
  oneTap.hidden = page.querySelector(".by-hand").hidden = true;
  document.getElementById("installed").hidden = false;
});
