// A page that was kept on the device says when it was saved.
import { counted, fromTemplate, root } from "../../../web/static/js/page.js";
import { appWords } from "./words.js";

export function timeOfCopy(ms) {
  const time = new Date(ms);
  const today = time.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(root.lang, today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(time);
}

function showCopy() {
  const saved = Number(root.dataset.saved);
  if (!saved) return;
  const line = fromTemplate("copy-line");
  line.querySelector("span").textContent = counted(appWords.saved, timeOfCopy(saved));
  document.getElementById("main").prepend(line);
  // Older pages would only be missed again and again; the link stays.
  for (const older of document.querySelectorAll(".older")) older.removeAttribute("hx-get");
}

showCopy();
