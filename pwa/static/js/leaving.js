// Signing out: nothing of the member stays on the device. What is not sent yet is asked about first.
let leavingSure = false;

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const out = form.matches("[data-signout]") || event.submitter?.matches("[data-signout]");
  if (!out || leavingSure || event.defaultPrevented) return;
  event.preventDefault();
  const unsent = await outboxOf(me).catch(() => []);
  if (unsent.length && !(await sureToLose())) return;
  // Whatever the browser does with it: signing out itself must not wait for long.
  const purged = await Promise.race([forgetMember(), new Promise((done) => setTimeout(done, 3000))]);
  // Else the server has the browser clear all there is, with what others on this device have not sent yet.
  if (!purged && (await anyUnsent()) && !(await sureToLose())) return;
  if (purged) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "purged", value: "1" }));
  leavingSure = true;
  form.requestSubmit(event.submitter);
}, true);

const anyUnsent = () => stored("outbox", "readonly", (all) => all.count()).catch(() => 0);

function sureToLose() {
  openSheet(fromTemplate("unsent-question"), document.activeElement);
  return new Promise((done) => {
    sheetBody.querySelector(".danger").addEventListener("click", () => { done(true); closeSheet(); });
    sheet.addEventListener("close", () => done(false), { once: true });
  });
}

// Gives whether nothing is left. What others have not sent yet stays, and what this device was told for good.
async function forgetMember() {
  try {
    sessionStorage.clear();
    forgetDrafts();
    localStorage.removeItem("push-of");
    await alone(async () => { for (const deed of await outboxOf(me)) await dropDeed(deed.id); });
    await become("0");
    const registered = await navigator.serviceWorker?.getRegistration();
    await (await registered?.pushManager?.getSubscription())?.unsubscribe();
    await navigator.clearAppBadge?.().catch(() => {});
    return true;
  } catch { return false; }
}
