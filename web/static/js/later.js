// Scripts that come when they are first needed: what is only for writing, or for looking at pictures, is not waited for.
// One promise for each: of two imports of a script that is on its way, the second may be answered before the first, and
// two keys would change places. One that failed is asked for anew.
const coming = new Map();
function later(name) {
  if (!coming.has(name)) {
    coming.set(name, import(document.getElementById("scripts").dataset[name]));
    coming.get(name).catch(() => coming.delete(name));
  }
  return coming.get(name);
}

// A picture of oneself is cut before it is sent.
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-crop]");
  const file = form && event.target.files?.[0];
  if (file) later("crop").then(({ crop }) => crop(form, file, { fromTemplate, openSheet, closeSheet, toastFailure, me }));
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("textarea[data-complete]")) later("complete").then(({ offerFor }) => offerFor(event.target, fromServer), () => {});
});
