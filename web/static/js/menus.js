// A menu made with <details> closes as people expect.
const openMenus = () => document.querySelectorAll(".pop[open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of openMenus()) { menu.open = false; menu.firstElementChild.focus(); }
});
