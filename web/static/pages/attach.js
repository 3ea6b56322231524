// Pictures, films and sounds in the form for a post: sent while one writes, with what is left of the way to go.
const MOST = 4;
const PATIENCE_MS = 120000;
// Crowded, or a store that is away: it is tried again by itself, so often.
const AGAIN = 3;
const CHANGE_MS = 1000;

// `ways` are the page's own: fromTemplate, toast, changed, words, me, newKey, setState, showArrived, lostOf, tellLost,
// addToDraft, holdUpload, uploads, DRAFTS, readDraft, mediaRow, weigh.
export function attach(form, files, ways) {
  const place = form.querySelector(".attachments");
  for (const file of files) {
    if (place.childElementCount >= MOST) { ways.toast(ways.words.most, { error: true }); break; }
    if (place.childElementCount && (isLong(file) || [...place.children].some((row) => ["video", "audio"].includes(row.dataset.kind) || row.file && isLong(row.file)))) { ways.toast(ways.words.alone, { error: true }); break; }
    place.append(rowOf(form, { key: ways.newKey(), file }, ways));
  }
  form.querySelector(".attachments .attached:last-child textarea")?.scrollIntoView({ block: "nearest" });
  ways.changed(form);
}

const isLong = (file) => /^(video|audio)\//.test(file.type);

// What was put aside without a connection, or shared by another app, is attached again as it was.
export function rowOf(form, { key, file, alt = "" }, ways) {
  const row = ways.fromTemplate("attached-row").firstElementChild;
  Object.assign(row, { file, key });
  row.dataset.upload = key;
  look(row, file);
  row.querySelector("textarea").value = alt;
  row.addEventListener("click", (event) => {
    if (event.target.closest(".again")) { event.preventDefault(); start(form, row, ways); }
  });
  start(form, row, ways);
  return row;
}

// Held before the draft says that it is coming: another page that reads this looks for it at once.
const start = (form, row, ways) => ways.holdUpload(row.key, Promise.resolve().then(() => send(form, row, ways)).catch(() => {}));

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

async function send(form, row, ways) {
  // The form may be closed meanwhile; what stands in the draft is written by forms that are open.
  const update = () => { if (form.isConnected) ways.changed(form); };
  const most = form.querySelector("[type=file]").dataset[row.file.type.split("/")[0]] || form.querySelector("[type=file]").dataset.image;
  if (row.file.size > most * 1048576) { refuse(row, ways.words.large.replace("#", most), ways); return update(); }
  const answer = await ask(row, ways, update);
  if (row.isDropped) return;
  if (answer.id) ways.showArrived(row, { ...answer, upload: row.key });
  if (answer.id && !form.isConnected) return adopt(row, form.elements.key.value, ways);
  if (answer.offline) keep(row, ways);
  else if (!answer.id) refuse(row, answer.message || ways.words.failed, ways, answer.retry || !answer.message);
  update();
}

async function ask(row, ways, update) {
  for (let tries = 0; ; tries++) {
    ways.setState(row, "sending");
    update();
    const answer = await post(row, ways.me);
    if (!answer.retry || tries === AGAIN || row.isDropped) return answer;
    ways.setState(row, "waiting");
    update();
    await new Promise((done) => setTimeout(done, answer.retry * 1000));
    if (row.isDropped) return {};
  }
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

// Without a connection it goes along with the post, when that does.
function keep(row, ways) {
  ways.setState(row, "kept");
  row.querySelector("textarea").name = `alt.local-${row.key}`;
}

// What will never be taken is not to be tried again.
function refuse(row, words, ways, passing = false) {
  ways.setState(row, "refused");
  row.querySelector(".again").hidden = !passing;
  row.querySelector("textarea").removeAttribute("name");
  row.querySelector(".why").textContent = words;
}

export function drop(row, ways) {
  const form = row.closest("form");
  row.isDropped = true;
  row.asked?.abort();
  // What is part of a post that is being edited goes when that is saved.
  if (row.dataset.id && (row.asked || !form.elements.version)) discard(row, ways);
  const next = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  (next?.querySelector("textarea") || form.elements.text).focus();
  ways.changed(form);
}

function discard(row, ways) {
  fetch(`/media/${row.dataset.id}`, { method: "DELETE", keepalive: true, headers: { "X-Act": "1", "X-Account": ways.me } }).catch(() => {});
}

// The server keeps for a day what is not posted. That it can't be asked says nothing.
export async function check(form, ways) {
  for (const row of [...form.querySelectorAll(".attached")].filter((one) => one.dataset.file)) {
    const answer = await fetch(row.dataset.file, { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (answer?.status !== 404 || !form.contains(row)) continue;
    row.remove();
    ways.tellLost(form, ways.lostOf(form) + 1);
    ways.changed(form);
  }
}

// What arrives after its form was closed belongs to the draft, wherever that is now, unless nothing is missing there.
function adopt(row, key, ways) {
  const form = [...document.querySelectorAll(".compose")].find((one) => one.elements.key.value === key);
  if (!form) return void (ways.addToDraft(key, row) || discard(row, ways));
  const place = form.querySelector(`.attached[data-upload="${row.key}"]`);
  if (place) return replaceRow(form, place, row, ways);
  if (!ways.lostOf(form)) return discard(row, ways);
  form.querySelector(".attachments").append(row);
  ways.tellLost(form, ways.lostOf(form) - 1);
  ways.changed(form);
}

// A picture that another form or page is sending: its row waits for it.
export async function awaitArrival(form, row, ways) {
  const { upload } = row.dataset;
  const name = ways.DRAFTS + form.elements.key.value;
  const find = () => ways.readDraft(name)?.media.find((one) => one.upload === upload);
  await (ways.uploads.get(upload) ?? navigator.locks?.request(`upload-${upload}`, { mode: "shared" }, () => {}));
  // What another page has stored just before its lock ended may be seen here a moment later.
  if (!find() && !ways.uploads.has(upload)) await nextChange(name);
  if (!form.contains(row)) return;
  const arrived = find();
  if (arrived) return replaceRow(form, row, ways.mediaRow(arrived), ways);
  row.remove();
  ways.tellLost(form, ways.lostOf(form) + 1);
  ways.weigh(form);
}

const nextChange = (name) => new Promise((done) => {
  const look = ({ key }) => { if (key === name) end(); };
  const end = () => { removeEventListener("storage", look); done(); };
  addEventListener("storage", look);
  setTimeout(end, CHANGE_MS);
});

// What was written about the picture meanwhile stays.
function replaceRow(form, row, arrived, ways) {
  const [written, area] = [row, arrived].map((one) => one.querySelector("textarea"));
  area.value = written.value || area.value;
  row.replaceWith(arrived);
  ways.changed(form);
}
