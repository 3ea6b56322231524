// Keyboard: j k o r u on posts, n / ? g h g n g p for the page.
import { fromTemplate } from "./page.js";
import { openSheet } from "./sheet.js";

const SEQUENCE_MS = 1200;
let pressedG = 0;

export function press(key) {
  const then = { h: "/", n: "/notifications", p: "/public" }[key];
  if (then && Date.now() - pressedG < SEQUENCE_MS) { location.href = then; return; }
  const post = document.activeElement?.closest(".post");
  const keys = {
    g: () => { pressedG = Date.now(); },
    j: () => step(1),
    k: () => step(-1),
    n: () => document.querySelector(".rail .cta[data-sheet]")?.click(),
    "/": () => (document.querySelector("main [type=search]") || document.querySelector("[type=search]"))?.focus(),
    "?": () => openSheet(fromTemplate("keys"), document.activeElement),
    o: () => { if (post) location.href = post.dataset.url; },
    r: () => post?.querySelector(".acts a")?.click(),
    x: () => document.querySelector("[data-key=x]")?.click(),
    u: () => post?.querySelector(".up")?.click(),
    Enter: () => { if (post && !post.matches(".focus")) location.href = post.dataset.url; },
  };
  keys[key]?.();
}

function step(by) {
  const all = [...document.querySelectorAll(".post")].filter((post) => post.checkVisibility());
  const now = all.indexOf(document.activeElement?.closest(".post"));
  const next = now < 0 ? all.find((post) => post.getBoundingClientRect().top > 50) : all[now + by];
  next?.focus({ preventScroll: true, focusVisible: true });
  next?.scrollIntoView({ block: "nearest" });
}
