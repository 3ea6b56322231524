"""What a browser keeps of the network: copies of pages, what waits to be sent, the service worker itself."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Page, expect

from e2e.installed import CONTROLLED
from e2e.user import User

COPIES = """async () => {
  if (!self.caches) return [];
  const found = [];
  for (const name of await caches.keys()) if (name.startsWith("pages-"))
    for (const one of await (await caches.open(name)).keys()) found.push(one.url.slice(location.origin.length));
  return found;
}"""
QUEUE = """async () => {
  if (!(await indexedDB.databases()).some((one) => one.name === "parvis")) return [];
  const done = (asked) => new Promise((then) => { asked.onsuccess = () => then(asked.result); });
  const base = await done(indexedDB.open("parvis"));
  const found = await done(base.transaction("outbox").objectStore("outbox").getAll());
  base.close();
  return found;
}"""
FORM = "/compose?sheet"
# The worker keeps whose key it has told the network last, when it has had an answer.
KEY_TOLD = """() => new Promise((done) => {
  const asked = indexedDB.open("parvis");
  asked.onsuccess = () => {
    const found = asked.result.transaction("state").objectStore("state").get("settled");
    found.onsuccess = () => {
      asked.result.close();
      done(found.result?.account === document.documentElement.dataset.me);
    };
  };
})"""
# The worker takes messages in their order, and holds the lock while it sends: once it has answered a later message and
# the lock is free, what it was asked to send is sent, or put off.
FLUSH = """async () => {
  const worker = navigator.serviceWorker.controller;
  const {port1, port2} = new MessageChannel();
  const answered = new Promise((done) => { port1.onmessage = done; });
  worker.postMessage({flush: true});
  worker.postMessage({move: "where"}, [port2]);
  await answered;
  await navigator.locks.request("outbox", () => {});
}"""
# As if the time had passed that a crowded server asked for.
REST_OVER = """() => new Promise((done) => {
  const asked = indexedDB.open("parvis");
  asked.onsuccess = () => {
    const change = asked.result.transaction("state", "readwrite");
    change.objectStore("state").delete("rest");
    change.oncomplete = () => { asked.result.close(); done(); };
  };
})"""
# A post that was refused before, so that nothing sends it meanwhile.
REFUSED = """([account, text]) => new Promise((done) => {
  const asked = indexedDB.open("parvis");
  asked.onsuccess = () => {
    const change = asked.result.transaction("outbox", "readwrite");
    const fields = {text, key: "kept-for-later", visibility: "public", replies_to: "everyone"};
    const body = String(new URLSearchParams(fields));
    const action = {account, method: "POST", url: "/posts", kind: "post", text, body, at: 1};
    change.objectStore("outbox").put({...action, status: "refused"});
    change.oncomplete = () => { asked.result.close(); done(); };
  };
})"""
# A browser that never answers fails a story, which would wait for it for ever.
BOUNDED = """Promise.race([(%s)(), new Promise((_, fail) => {
  setTimeout(() => fail(new Error("no answer within 30 s")), 30000);
})])"""
DISCONNECTED = "ERR_INTERNET_DISCONNECTED"


def copies(page: Page) -> list[str]:
    """The addresses of pages that are kept, oldest first."""
    found: list[str] = page.evaluate(BOUNDED % COPIES)
    return found


def queue(page: Page) -> list[dict[str, Any]]:
    """What waits to be sent or was refused, oldest first."""
    found: list[dict[str, Any]] = page.evaluate(BOUNDED % QUEUE)
    return found


def account(page: Page) -> str:
    """The id of the member whose page this is, "0" for a guest's."""
    found: str = page.evaluate("document.documentElement.dataset.me")
    return found


def keep_refused(page: Page, account: str, text: str) -> None:
    """Puts a post that was refused into the offline queue of ``account`` on this device."""
    page.evaluate(REFUSED, [account, text])


def settled(person: User, *addresses: str) -> None:
    """Returns when a service worker answers for the page, has the copies it should have by now, and has told the
    network the member's key for this device: nothing of theirs is under way when their session ends."""
    person.page.evaluate(BOUNDED % CONTROLLED)
    wanted = {"/", "/compose", FORM, *addresses}
    until(person.page, lambda: wanted <= set(copies(person.page)))
    until(person.page, lambda: person.page.evaluate(BOUNDED % KEY_TOLD))


def flushed(page: Page) -> None:
    """Has the worker send what waits, and returns when it has done so, or has decided not to."""
    page.evaluate(BOUNDED % FLUSH)


def emptied(page: Page) -> None:
    """Returns when nothing waits to be sent."""
    until(page, lambda: not queue(page))


def until(page: Page, so: Any, seconds: float = 8) -> None:
    """Errors: ``AssertionError`` when ``so()`` has not become true in time."""
    for _ in range(int(seconds * 20)):
        if so():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not so after {seconds} s: copies {copies(page)}, queue {queue(page)}")


def stop_worker(page: Page) -> None:
    """The browser ends the worker, as it does with one that has nothing to do."""
    session = page.context.new_cdp_session(page)
    session.send("ServiceWorker.enable")
    session.send("ServiceWorker.stopAllWorkers")
    session.detach()


@contextlib.contextmanager
def offline(person: User, *foreseen: str) -> Iterator[Callable[[], None]]:
    """No connection, until the block ends or calls what it is given; what fails meanwhile, and afterwards as
    ``foreseen``, is part of the story."""
    context = person.page.context
    with person.watch.foreseen(DISCONNECTED, *foreseen):
        context.set_offline(True)
        yield lambda: context.set_offline(False)
        context.set_offline(False)


def read_copy(person: User, address: str, heading: str) -> None:
    """Opens a page that is on the device."""
    person.go(address)
    expect(person.page.locator("h1", has_text=heading)).to_be_visible()
    expect(person.page.locator(".copy-line")).to_contain_text("Saved at")
