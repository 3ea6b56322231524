// On the notifications' page: whether this device shall show them, asked once.
import { fromTemplate, words } from "../../../web/static/js/page.js";
import { toast } from "../../../web/static/js/toast.js";
import { enablePush } from "./push.js";
import { appWords } from "./words.js";

const line = fromTemplate("push-offer").firstElementChild;

function end() {
  line.remove();
  localStorage.setItem("push-offer", "no");
}

line.querySelector("[data-do=no]").addEventListener("click", end);
line.querySelector("[data-do=yes]").addEventListener("click", () => {
  enablePush().then((on) => { end(); if (on) toast(appWords.pushed); }, () => toast(words.failed, { error: true }));
});
document.querySelector("main > header")?.after(line);
