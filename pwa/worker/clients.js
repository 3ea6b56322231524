// The pages that are open.
export async function tellPages(message) {
  for (const client of await clients.matchAll({ type: "window", includeUncontrolled: true })) client.postMessage(message);
}
