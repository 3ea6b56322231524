// Translated words for the scripts, written into the page by base.html; `#` stands for a number.
const words = document.getElementById("words").dataset;
const counted = (text, number) => text.replace("#", number);

function fromTemplate(id) {
  return document.getElementById(id).content.cloneNode(true);
}
