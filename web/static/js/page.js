// What scripts know of their page: whose it is, its translated words, and HTML that the server has rendered.

/** Translated words, written into the page by base.html; `#` stands for a number. */
export const words = document.getElementById("words").dataset;
export const root = document.documentElement;
/** The id of the member whose page this is, "0" for a guest's. */
export const me = root.dataset.me || "0";

export const counted = (text, number) => text.replace("#", number);

/** HTML that the network's own server has rendered. Nothing else is ever read as HTML (tests/test_house.py). */
export function fromServer(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

export function fromTemplate(id) {
  return document.getElementById(id).content.cloneNode(true);
}
