// Goes back to where one was in a list that was paged through. Its pages are fetched anew rather than kept, so that
// nothing deleted comes back.
import { fromServer } from "./page.js";

/** `kept` is what feed.js stored; `remember` is called with each older page that is fetched again. */
export async function returnTo(kept, remember) {
  for (const url of kept.olderPages.slice(0, 20)) {
    const older = document.querySelector(`.older[href="${CSS.escape(url)}"]`);
    if (!older || document.getElementById(kept.id)) break;
    older.removeAttribute("hx-get");
    const response = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!response?.ok) { older.setAttribute("hx-get", url); window.htmx?.process(older); break; }
    older.replaceWith(fromServer(await response.text()));
    remember(url);
  }
  window.htmx?.process(document.getElementById("feed"));
  const post = document.getElementById(kept.id);
  if (post) scrollBy({ top: post.getBoundingClientRect().top - kept.top, behavior: "instant" });
}
