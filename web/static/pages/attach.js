// Pictures, films and sounds in the form for a post: sent while one writes, with what is left of the way to go.
const MOST = 4;
const PATIENCE_MS = 120000;
// Crowded, or a store that is away: it is tried again by itself, so often.
const AGAIN = 3;

// `ways` are the page's own: fromTemplate, toast, weigh, words, me.
export function attach(form, files, ways) {
  const place = form.querySelector(".attachments");
  for (const file of files) {
    if (place.childElementCount >= MOST) { ways.toast(ways.words.most, { error: true }); break; }
    if (place.childElementCount && (isLong(file) || [...place.children].some((row) => row.matches(".long") || row.file && isLong(row.file)))) { ways.toast(ways.words.alone, { error: true }); break; }
    place.append(rowOf(form, file, ways));
  }
  form.querySelector(".attachments .attached:last-child textarea")?.scrollIntoView({ block: "nearest" });
  weigh(form, ways);
}

const isLong = (file) => /^(video|audio)\//.test(file.type);

// What was sent and not posted is kept in mind with the draft, as long as the server keeps it: a day.
const DAY_MS = 86400000;
const placeOf = (form) => `draft:${form.dataset.draft}:shots`;

function weigh(form, ways) {
  ways.weigh(form);
  if (!form.dataset.draft) return;
  const told = [...form.querySelectorAll(".attached[data-state=there]")].filter((row) => row.told).map((row) => ({ ...row.told, alt: row.querySelector("textarea").value }));
  if (told.length) localStorage.setItem(placeOf(form), JSON.stringify({ at: Date.now(), told }));
  else localStorage.removeItem(placeOf(form));
}

export function again(form, ways) {
  const kept = JSON.parse(localStorage.getItem(placeOf(form)) || "null");
  if (!kept || kept.at < Date.now() - DAY_MS) return localStorage.removeItem(placeOf(form));
  for (const one of kept.told) {
    if (form.querySelector(`.attached[data-id="${one.id}"]`)) continue;
    const row = ways.fromTemplate("attached-row").firstElementChild;
    // It can be taken away again like any other.
    Object.assign(row, { asked: { abort() {} } });
    row.classList.toggle("long", ["video", "audio"].includes(one.kind));
    row.querySelector("img").addEventListener("error", () => { row.remove(); weigh(form, ways); });
    row.querySelector("textarea").value = one.alt;
    row.querySelector("textarea").addEventListener("input", () => weigh(form, ways));
    form.querySelector(".attachments").append(row);
    arrive(row, one);
  }
  weigh(form, ways);
}

// What was put aside without a connection, or shared by another app, is attached again as it was.
function rowOf(form, file, ways) {
  const row = ways.fromTemplate("attached-row").firstElementChild;
  const key = crypto.randomUUID?.() ?? String(Math.random()).slice(2).padEnd(12, "0");
  Object.assign(row, { file, key });
  look(row, file);
  row.querySelector("textarea").addEventListener("input", () => weigh(form, ways));
  row.addEventListener("click", (event) => {
    if (event.target.closest(".again")) { event.preventDefault(); send(form, row, ways); }
  });
  send(form, row, ways);
  return row;
}

function look(row, file) {
  const kind = file.type.split("/")[0];
  const image = row.querySelector("img");
  row.querySelector(".sound").hidden = kind === "image";
  row.querySelector(".sound b").textContent = file.name;
  image.hidden = kind !== "image";
  if (kind !== "image") return;
  image.src = URL.createObjectURL(file);
  image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
  // Not every browser knows every kind that the network takes.
  image.addEventListener("error", () => { if (image.src.startsWith("blob:")) { image.hidden = true; row.querySelector(".sound").hidden = false; } }, { once: true });
}

async function send(form, row, ways, tries = 0) {
  const most = form.querySelector("[type=file]").dataset[row.file.type.split("/")[0]] || form.querySelector("[type=file]").dataset.image;
  if (row.file.size > most * 1048576) { refuse(row, ways.words.large.replace("#", most)); return weigh(form, ways); }
  state(row, "sending");
  weigh(form, ways);
  const answer = await post(row, ways.me);
  if (!row.isConnected && !answer.id) return;
  if (answer.id) arrive(row, answer);
  else if (answer.offline) keep(row);
  else if (answer.retry && tries < AGAIN) {
    state(row, "waiting");
    setTimeout(() => { if (row.isConnected) send(form, row, ways, tries + 1); }, answer.retry * 1000);
  } else refuse(row, answer.message || ways.words.failed, answer.retry || !answer.message);
  weigh(form, ways);
}

function post(row, me) {
  return new Promise((done) => {
    const asked = new XMLHttpRequest();
    row.asked = asked;
    asked.open("POST", `/media?key=${row.key}`);
    asked.timeout = PATIENCE_MS;
    for (const [name, value] of [["X-Act", "1"], ["X-Account", me], ["Content-Type", "application/octet-stream"]]) asked.setRequestHeader(name, value);
    const bar = row.querySelector("progress");
    asked.upload.addEventListener("progress", (event) => { bar.max = event.total; bar.value = event.loaded; });
    asked.upload.addEventListener("load", () => { bar.removeAttribute("value"); });
    asked.addEventListener("load", () => {
      let told = {};
      try { told = JSON.parse(asked.responseText); } catch { /* a proxy's page */ }
      if (asked.status === 201) return done(told);
      const busy = [429, 502, 503, 504].includes(asked.status);
      done({ message: told.error?.message, retry: busy && Math.min(30, Number(asked.getResponseHeader("Retry-After")) || 5) });
    });
    for (const end of ["error", "timeout"]) asked.addEventListener(end, () => done({ offline: true }));
    asked.addEventListener("abort", () => done({}));
    asked.send(row.file);
  });
}

function state(row, name) {
  row.dataset.state = name;
  row.querySelector("progress").hidden = name !== "sending" && name !== "waiting";
  row.querySelector(".again").hidden = name !== "refused";
  if (name !== "refused") row.querySelector(".why").textContent = "";
}

function arrive(row, answer) {
  state(row, "there");
  row.told = answer;
  row.querySelector("textarea").name = `alt.${answer.id}`;
  row.dataset.id = answer.id;
  const image = row.querySelector("img");
  if (answer.src) { image.src = answer.src; image.hidden = false; row.querySelector(".sound").hidden = answer.kind !== "audio"; }
  row.querySelector(".film").hidden = answer.kind !== "video";
  row.querySelector(".film b").textContent = answer.duration;
}

// Without a connection it goes along with the post, when that does.
function keep(row) {
  state(row, "kept");
  row.querySelector("textarea").name = `alt.local-${row.key}`;
}

// What will never be taken is not to be tried again.
function refuse(row, words, passing = false) {
  state(row, "refused");
  row.querySelector(".again").hidden = !passing;
  row.querySelector("textarea").removeAttribute("name");
  row.querySelector(".why").textContent = words;
}

export function drop(row, ways) {
  const form = row.closest("form");
  row.asked?.abort();
  // What is part of a post that is being edited goes when that is saved.
  if (row.dataset.id && row.asked) fetch(`/media/${row.dataset.id}`, { method: "DELETE", keepalive: true, headers: { "X-Act": "1", "X-Account": ways.me } }).catch(() => {});
  const next = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  (next?.querySelector("textarea") || form.elements.text).focus();
  weigh(form, ways);
}
