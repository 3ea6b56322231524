// The page that leads to the network's new address: the service worker knows where that is, and signs the way in.
const page = document.getElementById("moved");
const go = document.getElementById("go");
let ready = false;

function ask(question) {
  return new Promise((done) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => done(data);
    setTimeout(done, 5000, null);
    const worker = navigator.serviceWorker?.controller;
    worker ? worker.postMessage(question, [channel.port2]) : done(null);
  });
}

function show(name, shown) { page.querySelector(name).hidden = !shown; }

async function fill() {
  const { to = "", known = false } = (await ask({ move: "where" })) || {};
  if (!to) return;
  const gone = "saved" in document.documentElement.dataset;
  show(".silent", gone);
  show(".goes", !gone);
  show(".stays", false);
  show(".to", true);
  page.querySelector(".to bdi").textContent = to;
  go.href = to;
  go.hidden = false;
  show(".known", known);
}

// A code is good for minutes only: it is made when it is wanted. It stands behind the #, which is sent to nobody.
go.addEventListener("click", async (event) => {
  if (ready) return;
  event.preventDefault();
  const { to, code } = (await ask({ move: "code" })) || {};
  const next = location.pathname === "/moved" ? "/" : location.pathname + location.search;
  if (to && code) go.href = `${to}/arrive?next=${encodeURIComponent(next)}#${code}`;
  else if (to) go.href = to + next;
  ready = true;
  go.click();
  ready = false;
});

fill();
