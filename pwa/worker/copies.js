// Copies of pages: when they were saved, and whose they are.
export function copyOf(answer, html) {
  const headers = new Headers(answer.headers);
  for (const name of ["content-encoding", "content-length", "vary"]) headers.delete(name);
  headers.set("x-saved", Date.now());
  headers.set("x-title", encodeURIComponent(/<title>(.*?)<\/title>/s.exec(html)?.[1] || ""));
  return new Response(html, { headers });
}

// The page's script says when it was saved, and does not take it for news.
export async function marked(answer, account, saved) {
  const html = (await answer.text()).replace(/<html ([^>]*)data-me="\d*"/, `<html data-saved="${saved}" $1data-me="${account}"`);
  return new Response(html, { headers: answer.headers });
}
