// Installing is offered once, on the third visit, in one line that can be sent away for good.
const standalone = matchMedia("(display-mode: standalone)").matches || navigator.standalone;
const VISITS = "visits";
if (standalone) later("standalone").catch(() => {});

// Kept for the install page, which may ask at a tap; the browser's own bar stays away.
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  globalThis.installer = event;
  dispatchEvent(new Event("installer"));
  offerInstall();
});

// A visit is a tab's life. Where the browser keeps nothing, nothing is offered.
function countVisit() {
  try {
    if (!sessionStorage.getItem(VISITS)) {
      sessionStorage.setItem(VISITS, "1");
      localStorage.setItem(VISITS, Number(localStorage.getItem(VISITS)) + 1);
    }
    return localStorage.getItem(VISITS) === "3";
  } catch { return false; }
}

function offerInstall() {
  const line = document.getElementById("offer");
  if (standalone || !countVisit() || !line || location.pathname === "/install") return;
  const box = line.content.firstElementChild.cloneNode(true);
  line.remove();
  box.addEventListener("click", (event) => {
    if (event.target.closest("a, button")) { localStorage.setItem(VISITS, 4); box.remove(); }
  });
  document.body.append(box);
}

// Safari on iOS and Firefox install without telling scripts.
if (navigator.standalone === false || /Android.*(Firefox|Samsung)/.test(navigator.userAgent)) offerInstall();
else countVisit();
