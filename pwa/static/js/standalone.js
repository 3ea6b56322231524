// In an installed app only, which has no browser around it: drawing the page down to read it anew, and links that lead out.
const FAR = 80;
const sheet = document.getElementById("sheet");
let pulledFrom = 0;
let puller = null;

function pulled(event) {
  const way = pulledFrom ? (event.touches[0].clientY - pulledFrom) / 2.5 : 0;
  return event.touches.length > 1 || scrollY > 0 ? 0 : Math.min(Math.max(way, 0), FAR * 1.3);
}

addEventListener("touchstart", (event) => {
  pulledFrom = scrollY > 0 || sheet.open || event.target.closest("textarea, input") ? 0 : event.touches[0].clientY;
}, { passive: true });
addEventListener("touchmove", (event) => {
  const way = pulled(event);
  if (!way && !puller) return;
  puller ??= document.body.appendChild(Object.assign(document.createElement("div"), { className: "puller" }));
  puller.style.setProperty("--way", `${way}px`);
  puller.classList.toggle("far", way >= FAR);
}, { passive: true });
for (const end of ["touchend", "touchcancel"]) addEventListener(end, (event) => {
  if (event.type === "touchend" && puller?.matches(".far")) { puller.classList.add("busy"); location.reload(); }
  else { puller?.remove(); puller = null; }
  pulledFrom = 0;
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link && link.origin !== location.origin && /^http/.test(link.protocol)) { link.target = "_blank"; link.relList.add("noopener"); }
}, true);
