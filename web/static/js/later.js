// Scripts that come when they are first needed: what is only for writing, or for looking at pictures, is not waited for.
const later = (name) => import(document.getElementById("scripts").dataset[name]);
const asked = new Set();
function once(name) {
  if (!asked.has(name)) later(name).catch(() => asked.delete(name));
  asked.add(name);
}

// A picture of oneself is cut before it is sent.
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-crop]");
  const file = form && event.target.files?.[0];
  if (file) later("crop").then(({ crop }) => crop(form, file, { fromTemplate, openSheet, closeSheet, toastFailure, me }));
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("textarea[data-complete]")) once("complete");
});
