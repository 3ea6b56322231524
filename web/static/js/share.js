// Hands a post, a profile or the network to the device's own share sheet, or else copies its address.
import { words } from "./page.js";
import { closeSheet } from "./sheet.js";
import { toast } from "./toast.js";

document.addEventListener("click", (event) => {
  const share = event.target.closest(".share, [data-share]");
  if (share) return void shareLink(share.dataset.share ?? share.closest(".post").dataset.url, share.dataset.title);
  const copy = event.target.closest("[data-copy]");
  if (copy) { closeSheet(); copyLink(copy.dataset.copy); }
});

async function shareLink(path, title) {
  const url = new URL(path, location).href;
  if (navigator.share && matchMedia("(pointer: coarse)").matches) await navigator.share({ url, title }).catch(() => {});
  else copyLink(path);
}

async function copyLink(path) {
  const url = new URL(path, location).href;
  const copied = await navigator.clipboard?.writeText(url).then(() => true, () => false);
  if (copied) toast(words.copied);
  else toast(url, { seconds: 15 });
}
