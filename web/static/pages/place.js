// Goes back to where one was in a list that was paged through. Its pages are fetched anew rather than kept, so that
// nothing deleted comes back.
export async function returnTo(kept, olderPages, fromServer) {
  for (const url of kept.olderPages.slice(0, 20)) {
    const older = document.querySelector(`.older[href="${CSS.escape(url)}"]`);
    if (!older || document.getElementById(kept.id)) break;
    older.removeAttribute("hx-get");
    const response = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!response?.ok) { older.setAttribute("hx-get", url); window.htmx?.process(older); break; }
    older.replaceWith(fromServer(await response.text()));
    olderPages.push(url);
  }
  window.htmx?.process(document.getElementById("feed"));
  const post = document.getElementById(kept.id);
  if (post) scrollBy({ top: post.getBoundingClientRect().top - kept.top, behavior: "instant" });
}
