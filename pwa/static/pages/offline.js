// The page for when there is no connection: lists what was kept of what one read, newest first.
import { me } from "../../../web/static/js/page.js";
import { timeOfCopy } from "../js/copies.js";

const kept = document.getElementById("kept");
// Pages of forms are kept too, and nothing to read.
const READ = /^\/(public|notifications|@\w+(\/\d+)?)?$/;

async function list() {
  if (me === "0" || !(await caches.has(`pages-${me}`))) return;
  const pages = await caches.open(`pages-${me}`);
  const found = [];
  for (const request of await pages.keys()) {
    const { pathname, search } = new URL(request.url);
    const answer = await pages.match(request);
    if (!search && READ.test(pathname)) found.push({ pathname, saved: Number(answer.headers.get("x-saved")), title: decodeURIComponent(answer.headers.get("x-title")) });
  }
  const rank = (one) => one.pathname === "/" ? Infinity : one.saved;
  kept.replaceChildren(...found.sort((one, other) => rank(other) - rank(one)).map(row));
  // Where the network has left, nothing is written that could not be sent.
  const write = document.getElementById("write");
  if (write) write.hidden = !(await pages.match("/compose"));
  kept.parentElement.hidden = !found.length;
}

function row({ pathname, saved, title }) {
  const link = document.createElement("a");
  link.href = pathname + (kept.dataset.query || "");
  // Titles end with the network's name, as <title> has them; their entities are read as text.
  const read = new DOMParser().parseFromString(title, "text/html").body.textContent;
  link.append(Object.assign(document.createElement("span"), { textContent: read.split(" · ").slice(0, -1).join(" · ") || read }));
  const time = Object.assign(document.createElement("time"), { dateTime: new Date(saved).toISOString(), textContent: timeOfCopy(saved) });
  link.append(time);
  const item = document.createElement("li");
  item.append(link);
  return item;
}

list();
// There is nothing on this page to lose. Browsers call it a connection before anything comes through.
addEventListener("online", () => fetch("/healthz").then(() => location.reload(), () => {}));
