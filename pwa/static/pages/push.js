// The push health page: what this browser can do, and the buttons that need it to.
import { disablePush, enablePush, pushPermission, repairPush } from "../js/push.js";

const here = document.getElementById("push-here");
const show = (name) => { for (const one of here.querySelectorAll(".push-off, .push-on, .push-denied, .push-none")) one.hidden = !one.classList.contains(`push-${name}`); };

function look() {
  const permission = pushPermission();
  if (permission === "unsupported") {
    show("none");
    // Safari on iOS has push in installed apps alone; an iPad calls itself a Mac.
    here.querySelector(".push-ios").hidden = !(navigator.standalone === false && navigator.maxTouchPoints > 1);
  } else if (permission === "denied") show("denied");
  else show(permission === "granted" && here.dataset.here ? "on" : "off");
}

async function perform(button, step) {
  const failed = here.querySelector(".push-failed");
  failed.hidden = button.disabled = true;
  try {
    if (await step() === false) look();
    else location.assign("/settings/push");
  } catch {
    look();
    failed.hidden = false;
  }
  button.disabled = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-push]");
  const step = { on: enablePush, repair: repairPush, off: disablePush }[button?.dataset.push];
  if (!step || pushPermission() === "unsupported") return;
  event.preventDefault();
  perform(button, step);
});

// A test takes a moment: the list is read again until it has gone out and come back.
async function refresh(tries) {
  const page = await fetch("/settings/push", { headers: { "HX-Request": "true" } });
  if (!page.ok) return;
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html").getElementById("devices");
  document.getElementById("devices").replaceWith(fresh);
  if (tries) setTimeout(refresh, 2000, tries - 1);
}

look();
navigator.permissions?.query({ name: "notifications" }).then((permission) => { permission.onchange = look; }, () => {});
if (new URLSearchParams(location.search).get("done") === "tested") setTimeout(refresh, 1500, 4);
