// Keyboard: j k o r u on posts, n / ? g h g n g p for the page; moderators' pages say theirs by data-key.
import { fromTemplate } from "./page.js";
import { openSheet } from "./sheet.js";

const SEQUENCE_MS = 1200;
// What j and k go through: posts, or the cases of a queue.
const STEPS = ".post, .cases > li > a";
let pressedG = 0;

export function press(key) {
  const then = { h: "/", n: "/notifications", p: "/public" }[key];
  if (then && Date.now() - pressedG < SEQUENCE_MS) { location.href = then; return; }
  const named = document.querySelector(`[data-key~="${CSS.escape(key)}"]`);
  if (named) { use(named); return; }
  const post = document.activeElement?.closest(".post");
  const keys = {
    g: () => { pressedG = Date.now(); },
    j: () => step(1),
    k: () => step(-1),
    n: () => { if (!isModeration()) document.querySelector(".rail .cta[data-sheet]")?.click(); },
    "/": () => (document.querySelector("main [type=search]") || document.querySelector("[type=search]"))?.focus(),
    "?": () => openSheet(fromTemplate(document.getElementById("moderation-keys") ? "moderation-keys" : "keys"), document.activeElement),
    o: () => { if (post) location.href = post.dataset.url; },
    r: () => post?.querySelector(".acts a")?.click(),
    u: () => post?.querySelector(".up")?.click(),
    Enter: () => { if (post && !post.matches(".focus")) location.href = post.dataset.url; },
  };
  keys[key]?.();
}

// What a moderator writes there is for no public post.
const isModeration = () => /^\/moderation(\/|$)/.test(location.pathname);

/** Presses a button, chooses a decision, or goes to a form. */
function use(named) {
  if (named.matches("input, button, a")) named.click();
  const field = named.matches("form") ? named.querySelector("input:not([type=hidden]), select, textarea") : named;
  field?.focus({ focusVisible: true });
  if (named !== field) named.scrollIntoView({ block: "start" });
}

function step(by) {
  const all = [...document.querySelectorAll(STEPS)].filter((one) => one.checkVisibility());
  const now = all.indexOf(document.activeElement?.closest(STEPS));
  const next = now < 0 ? all.find((post) => post.getBoundingClientRect().top > 50) : all[now + by];
  next?.focus({ preventScroll: true, focusVisible: true });
  next?.scrollIntoView({ block: "nearest" });
}
