"""WebDriver BiDi: tabs of a browser that Playwright can't drive. Every wait ends, and says what was waited for."""

import base64
import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from websockets.sync.client import ClientConnection

from e2e.problems import Problems

ANSWER_SECONDS = 20
WAIT_SECONDS = 8
EVENTS = ["log.entryAdded", "network.responseCompleted", "network.fetchError", "network.beforeRequestSent"]
# A request is dropped when the page that asked for it is left.
LEFT = ("NS_BINDING_ABORTED", "NS_ERROR_ABORT", "NS_BINDING_CANCELLED")
LEFT_SAID = ("was interrupted while the page was loading", "A ServiceWorker intercepted the request and encountered")
Found = TypeVar("Found")


class Wrong(Exception):
    """The browser refused a command, or the page's script threw."""


class Tab:
    """One page."""

    def __init__(self, session: "Session", context: str) -> None:
        self._session = session
        self.context = context

    def go(self, address: str) -> None:
        """Opens ``address``, on the network's own server when it begins with a slash, and waits for its load."""
        url = self._session.base + address if address.startswith("/") else address
        self._send("browsingContext.navigate", url=url, wait="complete")

    def reload(self) -> None:
        self._send("browsingContext.reload", wait="complete")

    def close(self) -> None:
        self._send("browsingContext.close")

    @property
    def address(self) -> str:
        """Path, query and fragment of the page."""
        found: str = self.evaluate("location.href")
        return found.removeprefix(self._session.base)

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited. Errors: ``Wrong`` with what the script threw."""
        wrapped = f"(async () => JSON.stringify(await ({expression})) ?? null)()"
        target = {"context": self.context}
        done = self._session.send("script.evaluate", expression=wrapped, target=target, awaitPromise=True)
        if done["type"] == "exception":
            raise Wrong(done["exceptionDetails"]["text"])
        value = done["result"].get("value")
        return None if value is None else json.loads(value)

    def wait(self, expression: str, seconds: float = WAIT_SECONDS) -> Any:
        """The expression's value as soon as it is true. Errors: ``AssertionError`` with what the page shows."""
        found = until(lambda: self._tried(expression), seconds)
        assert found, f"not in {seconds} s: {expression}\n{self.shows()}"
        return found

    def sees(self, words: str, seconds: float = WAIT_SECONDS) -> None:
        """The words are on the page, visibly."""
        self.wait(f"document.body?.innerText.includes({json.dumps(words)})", seconds)

    def shows(self) -> str:
        """The page's address and the beginning of its text, for messages."""
        return str(self._tried("location.href + '\\n' + document.body.innerText.slice(0, 1500)"))

    def click(self, what: str) -> None:
        """A real click on the first visible element: a CSS selector, or ``button:Name``, ``link:Name``."""
        pointer = {"type": "pointer", "id": "mouse", "actions": self._click_on(self._find(what))}
        self._send("input.performActions", actions=[pointer])

    def fill(self, what: str, text: str) -> None:
        """Clicks into a field and types."""
        self.click(what)
        strokes = [{"type": kind, "value": one} for one in text for kind in ("keyDown", "keyUp")]
        self._send("input.performActions", actions=[{"type": "key", "id": "keys", "actions": strokes}])

    def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self._send("browsingContext.captureScreenshot")["data"]))

    def viewport(self, width: int, height: int) -> None:
        self._send("browsingContext.setViewport", viewport={"width": width, "height": height})

    def _find(self, what: str) -> dict[str, Any]:
        role, _, name = what.partition(":")
        if role in ("button", "link"):
            locator: dict[str, Any] = {"type": "accessibility", "value": {"role": role, "name": name}}
        else:
            locator = {"type": "css", "value": what}
        found = until(lambda: self._visible(locator), WAIT_SECONDS)
        assert found, f"not there in {WAIT_SECONDS} s: {what}\n{self.shows()}"
        return found

    def _visible(self, locator: dict[str, Any]) -> dict[str, Any] | None:
        try:
            nodes = self._send("browsingContext.locateNodes", locator=locator)["nodes"]
        except Wrong:
            return None
        for node in nodes:
            element = {"sharedId": node["sharedId"]}
            if self._call("one => { one.scrollIntoView({block: 'center'}); return one.checkVisibility(); }", element):
                return element
        return None

    def _call(self, function: str, element: dict[str, Any]) -> Any:
        done = self._session.send(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[element],
            target={"context": self.context},
            awaitPromise=False,
        )
        return done.get("result", {}).get("value")

    @staticmethod
    def _click_on(element: dict[str, Any]) -> list[dict[str, Any]]:
        where = {"type": "element", "element": element}
        return [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": where},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]

    def _tried(self, expression: str) -> Any:
        """None while the page is being left."""
        try:
            return self.evaluate(expression)
        except Wrong:
            return None

    def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._session.send(method, context=self.context, **parameters)


class Session(Problems):
    """A running browser, on a network at ``base``."""

    def __init__(self, base: str, connection: ClientConnection) -> None:
        super().__init__()
        self.base = base
        self._connection = connection
        self._number = 0
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=EVENTS)

    def tabs(self) -> list[Tab]:
        tree = self.send("browsingContext.getTree", maxDepth=0)["contexts"]
        return [Tab(self, one["context"]) for one in tree]

    @property
    def tab(self) -> Tab:
        """The first one."""
        return self.tabs()[0]

    def new_tab(self) -> Tab:
        return Tab(self, self.send("browsingContext.create", type="tab")["context"])

    def tab_at(self, address: str, seconds: float = WAIT_SECONDS) -> Tab:
        """The tab whose address begins so, as soon as there is one. Errors: ``AssertionError`` with what there is."""
        found = until(lambda: next((tab for tab in self.tabs() if self._is_at(tab, address)), None), seconds)
        assert found, f"no tab at {address} in {seconds} s: {[tab.shows() for tab in self.tabs()]}"
        return found

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.send("browser.close")
        self._connection.close()

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One BiDi command. Returns its result. Errors: ``Wrong``, ``TimeoutError``."""
        self._number += 1
        self._connection.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            answer = json.loads(self._connection.recv(timeout=max(0, deadline - time.monotonic())))
            if answer.get("id") == self._number:
                break
            if answer["type"] == "event":
                self._hear(answer["method"], answer["params"])
        if answer["type"] == "error":
            raise Wrong(f"{method}: {answer['error']}: {answer['message'][:500]}")
        result: dict[str, Any] = answer["result"]
        return result

    def _is_at(self, tab: Tab, address: str) -> bool:
        with contextlib.suppress(Wrong):
            return tab.address.startswith(address)
        return False

    def _catch_up(self) -> None:
        with contextlib.suppress(Wrong):
            self.send("session.status")

    def _hear(self, event: str, told: dict[str, Any]) -> None:
        request = told.get("request", {})
        asked = f"{request.get('method')} {request.get('url')}"
        match event:
            case "log.entryAdded" if told["level"] in ("error", "warn"):
                if not any(words in (told["text"] or "") for words in LEFT_SAID):
                    self._note(f"console {told['level']}: {told['text']}")
            case "network.fetchError" if told["errorText"] not in LEFT:
                self._note(f"failed: {told['errorText']} {asked}")
            case "network.responseCompleted" if told["response"]["status"] >= 400:
                self._note(f"status: {told['response']['status']} {asked}")
            case "network.beforeRequestSent" if not request["url"].startswith((self.base, "data:", "blob:", "about:")):
                self._note(f"elsewhere: {asked}")


def until(look: Callable[[], Found], seconds: float) -> Found:
    """What ``look()`` gives as soon as it is true, or its last answer after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found
