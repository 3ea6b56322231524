// One dialog for writing, menus and questions: links marked data-sheet open in it.
import { isPlainClick } from "./main.js";
import { fromServer } from "./page.js";
import { toastFailure } from "./toast.js";

const MENU_WIDTH = 300;
const MENU_ROW = 46;

export const sheet = document.getElementById("sheet");
export const sheetBody = document.getElementById("sheet-body");
let opener = null;
let address = "";

/** Where the sheet's content came from. */
export const sheetAddress = () => address;

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-sheet]");
  if (!link || !isPlainClick(event)) return;
  event.preventDefault();
  fetchSheet(link.href, link);
});

/** Gives the form for a post that has come, if one has. */
export async function fetchSheet(url, from) {
  const inSheet = sheet.contains(from);
  const response = await fetch(url, { headers: { "HX-Request": "true", "HX-Target": "sheet-body" } }).catch(() => null);
  if (!response) return toastFailure(null);
  if (response.redirected || response.status === 401 || response.headers.has("HX-Redirect")) { location.href = url; return; }
  if (!response.ok) return toastFailure(response);
  const content = fromServer(await response.text());
  // Without its script it is sent as a page's form.
  const composer = content.querySelector(".compose") && (await import("./compose.js").catch(() => null));
  address = new URL(url, location).href;
  openSheet(content, inSheet ? opener : from, composer);
  return sheetBody.querySelector(".compose");
}

export function openSheet(content, from, composer = null) {
  sheetBody.replaceChildren(content);
  const titled = sheetBody.querySelector("[data-title]");
  document.getElementById("sheet-title").textContent = titled?.dataset.title || "";
  sheet.dataset.kind = sheetBody.querySelector(".compose") ? "write" : sheetBody.querySelector(".menu") ? "menu" : "note";
  opener = from;
  if (sheet.dataset.kind === "menu" && opener) placeBeside(opener);
  if (!sheet.open) sheet.showModal();
  window.htmx?.process(sheetBody);
  composer?.prepareComposers();
  const first = sheetBody.querySelector("[data-focus]") || sheetBody.querySelector("textarea, .menu > *, button");
  first?.focus({ focusVisible: false });
}

function placeBeside(button) {
  const box = button.getBoundingClientRect();
  const height = 20 + MENU_ROW * sheetBody.querySelectorAll(".menu > *").length;
  const below = box.bottom + height < innerHeight;
  sheet.style.setProperty("--sheet-top", `${Math.max(8, below ? box.bottom - 4 : box.top - height)}px`);
  sheet.style.setProperty("--sheet-left", `${Math.max(8, Math.min(box.left, innerWidth - MENU_WIDTH - 24))}px`);
}

export function closeSheet() {
  if (sheet.open) sheet.close();
}

sheet.addEventListener("click", (event) => {
  const close = event.target === sheet || event.target.closest(".close, [data-close]");
  if (!close) return;
  event.preventDefault();
  closeSheet();
});
sheet.addEventListener("close", () => { if (opener?.isConnected) opener.focus({ preventScroll: true, focusVisible: false }); });
addEventListener("pagehide", closeSheet);
