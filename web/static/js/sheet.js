// One dialog for writing, menus and questions: links marked data-sheet open in it.
const sheet = document.getElementById("sheet");
const sheetBody = document.getElementById("sheet-body");
let sheetOpener = null;
let sheetAddress = "";

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-sheet]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  fetchSheet(link.href, link);
});

async function fetchSheet(url, opener) {
  const inSheet = sheet.contains(opener);
  const response = await fetch(url, { headers: { "HX-Request": "true", "HX-Target": "sheet-body" } }).catch(() => null);
  if (!response) return toastFailure(null);
  if (response.redirected || response.status === 401 || response.headers.has("HX-Redirect")) { location.href = url; return; }
  if (!response.ok) return toastFailure(response);
  const content = fromServer(await response.text());
  sheetAddress = new URL(url, location).href;
  openSheet(content, inSheet ? sheetOpener : opener);
  return sheetBody.querySelector(".compose");
}

function openSheet(content, opener) {
  sheetBody.replaceChildren(content);
  const titled = sheetBody.querySelector("[data-title]");
  document.getElementById("sheet-title").textContent = titled?.dataset.title || "";
  sheet.dataset.kind = sheetBody.querySelector(".compose") ? "write" : sheetBody.querySelector(".menu") ? "menu" : "note";
  sheetOpener = opener;
  if (sheet.dataset.kind === "menu" && opener) placeBeside(opener);
  if (!sheet.open) sheet.showModal();
  window.htmx?.process(sheetBody);
  prepareComposers();
  const first = sheetBody.querySelector("textarea, .menu > *, button");
  first?.focus({ focusVisible: false });
}

function placeBeside(opener) {
  const box = opener.getBoundingClientRect();
  const height = 20 + 46 * sheetBody.querySelectorAll(".menu > *").length;
  const below = box.bottom + height < innerHeight;
  const width = 300;
  sheet.style.setProperty("--sheet-top", `${Math.max(8, below ? box.bottom - 4 : box.top - height)}px`);
  sheet.style.setProperty("--sheet-left", `${Math.max(8, Math.min(box.left, innerWidth - width - 24))}px`);
}

function closeSheet() {
  if (sheet.open) sheet.close();
}

sheet.addEventListener("click", (event) => {
  const close = event.target === sheet || event.target.closest(".close, [data-close]");
  if (!close) return;
  event.preventDefault();
  closeSheet();
});
sheet.addEventListener("close", () => { showToastsIn(document.body); if (sheetOpener?.isConnected) sheetOpener.focus({ preventScroll: true, focusVisible: false }); });
addEventListener("pagehide", closeSheet);

// A menu made with <details> closes as people expect.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll(".pop[open]")) if (!open.contains(event.target)) open.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const open of document.querySelectorAll(".pop[open]")) { open.open = false; open.firstElementChild.focus(); }
});
