// The install page: one tap where the browser has it, and an iPad that calls itself a Mac.
const page = document.querySelector(".install");
const oneTap = page.querySelector(".one-tap");

// An iPad's Safari asks for pages as a Mac; no Mac has a touch screen.
if (page.dataset.device === "safari" && page.dataset.asked === undefined && navigator.maxTouchPoints > 1) location.replace("/install?device=ipad");

function offer() {
  if (!oneTap || !globalThis.installer) return;
  oneTap.hidden = page.querySelector(".or").hidden = false;
}
offer();
addEventListener("installer", offer);

page.querySelector("[data-install]")?.addEventListener("click", async () => {
  const asking = globalThis.installer;
  globalThis.installer = null;
  // A question can be put once: after a no, the steps by hand stay.
  oneTap.hidden = true;
  await asking?.prompt();
});

addEventListener("appinstalled", () => {
  if (!oneTap) return;
  oneTap.hidden = page.querySelector(".by-hand").hidden = true;
  document.getElementById("installed").hidden = false;
});
