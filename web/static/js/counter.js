// What is left of a post's characters, and whether it can be sent.
import { counted, words } from "./page.js";

const NEAR = 50;
const SPOKEN = 20;
const NOT_READY = ["sending", "waiting", "refused"];
const segmenter = new Intl.Segmenter();

/** Characters as people count them: a letter with its accents, or a flag, is one. */
export const countCharacters = (text) => [...segmenter.segment(text.trim())].length;

export function updateCounter(form) {
  const area = form.elements.text;
  const length = countCharacters(area.value);
  const left = form.dataset.limit - length;
  const ring = form.querySelector(".ring");
  ring.style.setProperty("--part", `${Math.min(100, (100 * length) / form.dataset.limit)}%`);
  ring.dataset.tone = left < 0 ? "over" : left <= NEAR ? "near" : "";
  ring.textContent = left <= NEAR ? left : "";
  form.querySelector("output").textContent = left < 0 ? counted(words.over, -left) : left <= SPOKEN ? counted(words.left, left) : "";
  const attached = [...form.querySelectorAll(".attached")];
  const isReady = attached.every((one) => !NOT_READY.includes(one.dataset.state)) && form.ariaBusy !== "true";
  form.querySelector(".send").disabled = !(length || attached.length) || left < 0 || !isReady;
  if (!CSS.supports("field-sizing", "content")) { area.style.blockSize = "auto"; area.style.blockSize = `${area.scrollHeight}px`; }
}
