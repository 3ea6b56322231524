// A form that must not be sent twice says so with data-once.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.matches("[data-once]")) return;
  if (event.target.ariaBusy === "true") event.preventDefault();
  event.target.ariaBusy = "true";
});
addEventListener("pageshow", () => { for (const form of document.querySelectorAll("[data-once]")) form.ariaBusy = null; });
