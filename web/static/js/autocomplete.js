// Offers handles after @ and hashtags after # while one writes.
import { fromServer } from "./page.js";

const TYPED = /(?:^|[\s(])([@#][\p{L}\p{N}_]{1,30})$/u;
let offers = null;
let turns = 0;

const offered = new WeakSet();

/** Makes offers in a field from now on, and at once if somebody has typed in it while this script was loading. */
export function completeIn(area, isTyped) {
  if (offered.has(area)) return;
  offered.add(area);
  area.addEventListener("input", () => ask(area));
  if (isTyped) ask(area);
}

async function ask(area) {
  const typed = TYPED.exec(area.value.slice(0, area.selectionStart))?.[1];
  const turn = ++turns;
  if (!typed) return dropOffers();
  await new Promise((resolve) => setTimeout(resolve, 150));
  if (turn !== turns) return;
  const response = await fetch(`${area.dataset.complete}?q=${encodeURIComponent(typed)}`, { headers: { "HX-Request": "true", "HX-Target": "complete" } }).catch(() => null);
  const html = response?.ok ? await response.text() : "";
  if (turn !== turns || document.activeElement !== area) return;
  dropOffers();
  if (html.includes("<li")) showOffers(area, fromServer(html));
}

function showOffers(area, content) {
  offers = document.createElement("ul");
  Object.assign(offers, { id: "offers", className: "complete", role: "listbox", ariaLabel: area.ariaLabel, area });
  offers.append(content);
  area.after(offers);
  // In the top layer, so that no sheet cuts it off.
  offers.popover = "manual";
  offers.showPopover();
  const box = area.getBoundingClientRect();
  const line = caretLine(area);
  // Below the line that is being written, or above it where there is no room: a phone's keyboard takes half the screen.
  const fits = box.top + line.bottom + offers.offsetHeight <= (visualViewport?.height ?? innerHeight);
  offers.style.insetBlockStart = `${Math.max(0, box.top + (fits ? line.bottom : line.top - offers.offsetHeight))}px`;
  offers.style.insetInlineStart = `${Math.max(8, Math.min(box.left, document.body.clientWidth - offers.offsetWidth - 8))}px`;
  [...offers.children].forEach((one, index) => { one.id = `offer-${index}`; });
  area.setAttribute("aria-controls", "offers");
  area.setAttribute("aria-autocomplete", "list");
  choose(0);
  offers.addEventListener("pointerdown", (event) => { event.preventDefault(); const one = event.target.closest("[role=option]"); if (one) accept(one); });
}

// Where in its field the line with the caret is, in pixels: a field does not say, so its text is set once more beside it.
const SET_LIKE = ["fontFamily", "fontSize", "fontWeight", "letterSpacing", "lineHeight", "padding", "border", "boxSizing", "textAlign"];
function caretLine(area) {
  const copy = document.createElement("div");
  const style = getComputedStyle(area);
  for (const name of SET_LIKE) copy.style[name] = style[name];
  Object.assign(copy.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word", inlineSize: `${area.offsetWidth}px` });
  copy.textContent = area.value.slice(0, area.selectionStart);
  const caret = copy.appendChild(document.createElement("span"));
  caret.textContent = "|";
  area.after(copy);
  const top = caret.offsetTop - area.scrollTop;
  const line = { top, bottom: top + caret.offsetHeight + 4 };
  copy.remove();
  return line;
}

function choose(index) {
  const all = [...offers.children];
  const chosen = all.at(index % all.length);
  for (const one of all) one.ariaSelected = String(one === chosen);
  offers.area.setAttribute("aria-activedescendant", chosen.id);
  chosen.scrollIntoView({ block: "nearest" });
}

function accept(one) {
  const { area } = offers;
  const end = area.selectionStart;
  // What is typed by now, which may be more than what the offers were made for.
  const typed = TYPED.exec(area.value.slice(0, end))?.[1] ?? "";
  area.setRangeText(`${one.dataset.value} `, end - typed.length, end, "end");
  dropOffers();
  turns++;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function dropOffers() {
  for (const name of ["aria-controls", "aria-activedescendant", "aria-autocomplete"]) offers?.area.removeAttribute(name);
  offers?.remove();
  offers = null;
}

document.addEventListener("keydown", (event) => {
  if (!offers || event.target !== offers.area) return;
  const now = [...offers.children].findIndex((one) => one.ariaSelected === "true");
  const keys = { ArrowDown: () => choose(now + 1), ArrowUp: () => choose(now - 1), Enter: () => accept(offers.children[now]), Tab: () => accept(offers.children[now]), Escape: dropOffers };
  if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  keys[event.key]();
}, true);
document.addEventListener("focusout", (event) => { if (offers?.area === event.target) dropOffers(); });
