// Translated words for the scripts, written into the page by base.html; `#` stands for a number.
const words = document.getElementById("words").dataset;
const me = document.documentElement.dataset.me || "0";
const counted = (text, number) => text.replace("#", number);

// HTML that the network's own server has rendered. Nothing else is ever read as HTML (tests/test_conventions.py).
function fromServer(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

function fromTemplate(id) {
  return document.getElementById(id).content.cloneNode(true);
}
