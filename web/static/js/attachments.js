// Pictures, videos and sounds in the form for a post: sent while one writes, with what is left of the way to go.
import { updateCounter } from "./counter.js";
import { addToDraft, changed, lostOf, mediaRow, setRowState, showArrived, showLost } from "./draft_form.js";
import { PREFIX, newKey, readDraft } from "./drafts.js";
import { fromTemplate, me, words } from "./page.js";
import { toast } from "./toast.js";

const MOST = 4;
const TIMEOUT_MS = 120000;
// Crowded, or a store that is away: it is tried again by itself, so often.
const RETRIES = 3;
const CHANGE_MS = 1000;
const LONG = /^(video|audio)\//;

// Uploads of this page: key -> a promise that ends with it. Other pages see them as locks, which end with the page.
const uploads = new Map();

export function attach(form, files) {
  const place = form.querySelector(".attachments");
  for (const file of files) {
    if (place.childElementCount >= MOST) { toast(words.most, { error: true }); break; }
    if (place.childElementCount && (isLong(file) || [...place.children].some(isLongRow))) { toast(words.alone, { error: true }); break; }
    place.append(rowOf(form, { key: newKey(), file }));
  }
  form.querySelector(".attachments .attached:last-child textarea")?.scrollIntoView({ block: "nearest" });
  changed(form);
}

const isLong = (file) => LONG.test(file.type);
const isLongRow = (row) => ["video", "audio"].includes(row.dataset.kind) || (row.file && isLong(row.file));

/** What was put aside without a connection, or shared by another app, is attached again as it was. */
export function rowOf(form, { key, file, alt = "" }) {
  const row = fromTemplate("attached-row").firstElementChild;
  Object.assign(row, { file, key });
  row.dataset.upload = key;
  preview(row, file);
  row.querySelector("textarea").value = alt;
  row.addEventListener("click", (event) => {
    if (event.target.closest(".again")) { event.preventDefault(); start(form, row); }
  });
  start(form, row);
  return row;
}

// Held before the draft says that it is coming: another page that reads this looks for it at once.
const start = (form, row) => holdUpload(row.key, Promise.resolve().then(() => send(form, row)).catch(() => {}));

function holdUpload(upload, done) {
  uploads.set(upload, done);
  navigator.locks?.request(`upload-${upload}`, () => done);
}

function preview(row, file) {
  const kind = file.type.split("/")[0];
  const image = row.querySelector("img");
  row.querySelector(".sound").hidden = kind === "image";
  row.querySelector(".sound b").textContent = file.name;
  image.hidden = kind !== "image";
  if (kind !== "image") return;
  image.src = URL.createObjectURL(file);
  image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
  // Not every browser knows every kind that the network takes.
  image.addEventListener("error", () => {
    if (!image.src.startsWith("blob:")) return;
    image.hidden = true;
    row.querySelector(".sound").hidden = false;
  }, { once: true });
}

async function send(form, row) {
  // The form may be closed meanwhile; what stands in the draft is written by forms that are open.
  const update = () => { if (form.isConnected) changed(form); };
  const limits = form.querySelector("[type=file]").dataset;
  const most = limits[row.file.type.split("/")[0]] || limits.image;
  if (row.file.size > most * 1048576) { refuse(row, words.large.replace("#", most)); return update(); }
  const answer = await sendPatiently(row, update);
  if (row.isDropped) return;
  if (answer.id) showArrived(row, { ...answer, upload: row.key });
  if (answer.id && !form.isConnected) return adopt(row, form.elements.key.value);
  if (answer.offline) keep(row);
  else if (!answer.id) refuse(row, answer.message || words.failed, answer.retry || !answer.message);
  update();
}

async function sendPatiently(row, update) {
  for (let tries = 0; ; tries++) {
    setRowState(row, "sending");
    update();
    const answer = await post(row);
    if (!answer.retry || tries === RETRIES || row.isDropped) return answer;
    setRowState(row, "waiting");
    update();
    await new Promise((done) => setTimeout(done, answer.retry * 1000));
    if (row.isDropped) return {};
  }
}

// Gives what the server says of the picture, {message, retry: seconds} or {offline}.
function post(row) {
  return new Promise((done) => {
    const asked = new XMLHttpRequest();
    row.asked = asked;
    asked.open("POST", `/media?key=${row.key}`);
    asked.timeout = TIMEOUT_MS;
    for (const [name, value] of [["X-Act", "1"], ["X-Account", me], ["Content-Type", "application/octet-stream"]]) asked.setRequestHeader(name, value);
    const bar = row.querySelector("progress");
    asked.upload.addEventListener("progress", (event) => { bar.max = event.total; bar.value = event.loaded; });
    asked.upload.addEventListener("load", () => { bar.removeAttribute("value"); });
    asked.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(asked.responseText); } catch { /* a proxy's page */ }
      if (asked.status === 201) return done(answer);
      const busy = [429, 502, 503, 504].includes(asked.status);
      done({ message: answer.error?.message, retry: busy && Math.min(30, Number(asked.getResponseHeader("Retry-After")) || 5) });
    });
    for (const end of ["error", "timeout"]) asked.addEventListener(end, () => done({ offline: true }));
    asked.addEventListener("abort", () => done({}));
    asked.send(row.file);
  });
}

// Without a connection it goes along with the post, when that does.
function keep(row) {
  setRowState(row, "kept");
  row.querySelector("textarea").name = `alt.local-${row.key}`;
}

// What will never be taken is not to be tried again.
function refuse(row, reason, passing = false) {
  setRowState(row, "refused");
  row.querySelector(".again").hidden = !passing;
  row.querySelector("textarea").removeAttribute("name");
  row.querySelector(".why").textContent = reason;
}

export function drop(row) {
  const form = row.closest("form");
  row.isDropped = true;
  row.asked?.abort();
  // What is part of a post that is being edited goes when that is saved.
  if (row.dataset.id && (row.asked || !form.elements.version)) discard(row);
  const next = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  (next?.querySelector("textarea") || form.elements.text).focus();
  changed(form);
}

function discard(row) {
  fetch(`/media/${row.dataset.id}`, { method: "DELETE", keepalive: true, headers: { "X-Act": "1", "X-Account": me } }).catch(() => {});
}

/** The server keeps for a day what is not posted. That it can't be asked says nothing. */
export async function check(form) {
  for (const row of [...form.querySelectorAll(".attached")].filter((one) => one.dataset.file)) {
    const answer = await fetch(row.dataset.file, { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (answer?.status !== 404 || !form.contains(row)) continue;
    row.remove();
    showLost(form, lostOf(form) + 1);
    changed(form);
  }
}

// What arrives after its form was closed belongs to the draft, wherever that is now, unless nothing is missing there.
function adopt(row, key) {
  const form = [...document.querySelectorAll(".compose")].find((one) => one.elements.key.value === key);
  if (!form) return void (addToDraft(key, row) || discard(row));
  const place = form.querySelector(`.attached[data-upload="${row.key}"]`);
  if (place) return replaceRow(form, place, row);
  if (!lostOf(form)) return discard(row);
  form.querySelector(".attachments").append(row);
  showLost(form, lostOf(form) - 1);
  changed(form);
}

/** A picture that another form or page is sending: its row waits for it. */
export async function awaitArrival(form, row) {
  const { upload } = row.dataset;
  const key = form.elements.key.value;
  const find = () => readDraft(key)?.media.find((one) => one.upload === upload);
  await (uploads.get(upload) ?? navigator.locks?.request(`upload-${upload}`, { mode: "shared" }, () => {}));
  // What another page has stored just before its lock ended may be seen here a moment later.
  if (!find() && !uploads.has(upload)) await nextChange(PREFIX + key);
  if (!form.contains(row)) return;
  const arrived = find();
  if (arrived) return replaceRow(form, row, mediaRow(arrived));
  row.remove();
  showLost(form, lostOf(form) + 1);
  updateCounter(form);
}

const nextChange = (name) => new Promise((done) => {
  const look = ({ key }) => { if (key === name) end(); };
  const end = () => { removeEventListener("storage", look); done(); };
  addEventListener("storage", look);
  setTimeout(end, CHANGE_MS);
});

// What was written about the picture meanwhile stays.
function replaceRow(form, row, arrived) {
  const [written, area] = [row, arrived].map((one) => one.querySelector("textarea"));
  area.value = written.value || area.value;
  row.replaceWith(arrived);
  changed(form);
}
