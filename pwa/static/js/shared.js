// What another app or site hands over, with the member to decide: until then nothing of it is sent or put into a post.
import { attachTo } from "../../../web/static/js/compose.js";
import { changed } from "../../../web/static/js/draft_form.js";
import { fromTemplate, me } from "../../../web/static/js/page.js";
import { isSharedWith, readState, writeState } from "./store.js";

async function offer() {
  const form = document.querySelector("main > .compose");
  if (!form) return;
  const given = new URLSearchParams(location.search);
  const kept = given.has("shared") && await readState("shared").catch(() => null);
  const isMine = kept && isSharedWith(me, kept);
  const { text, files } = isMine ? kept : { text: given.get("text") ?? "", files: [] };
  if (files.length || (text.trim() && form.elements.text.value.trim() !== text.trim())) form.before(boxOf(form, text, files));
  // Words alone stand in an empty form as the network has made it, until they are changed and so one's own.
  else form.addEventListener("input", forgetAddress, { once: true });
}

function boxOf(form, text, files) {
  const box = fromTemplate("shared").firstElementChild;
  box.querySelector(".words").textContent = text;
  box.querySelector("ul").replaceChildren(...files.map(rowOf));
  box.addEventListener("click", async ({ target }) => {
    const step = target.closest("button")?.dataset.do;
    if (!step) return;
    box.remove();
    if (step === "use") use(form, text, files);
    forgetAddress();
    if (files.length) await writeState("shared", undefined);
  });
  return box;
}

function use(form, text, files) {
  const area = form.elements.text;
  area.value = [area.value.trim(), text].filter(Boolean).join("\n\n");
  changed(form);
  attachTo(form, files);
  area.focus();
}

function rowOf(file) {
  const row = document.createElement("li");
  if (file.type.startsWith("image/")) {
    const image = Object.assign(new Image(), { src: URL.createObjectURL(file), alt: "" });
    // Not every browser knows every kind.
    image.addEventListener("error", () => image.remove());
    row.append(image);
  }
  row.append(Object.assign(document.createElement("span"), { textContent: file.name }));
  return row;
}

function forgetAddress() {
  const address = new URL(location);
  for (const name of ["text", "shared"]) address.searchParams.delete(name);
  history.replaceState(null, "", address);
}

offer();
