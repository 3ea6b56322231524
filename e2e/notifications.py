"""A desktop that shows notifications, on a D-Bus of its own, and on which a test clicks them."""

import contextlib
import html
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.threading import DBusRouter, Proxy, ReceiveStopped, open_dbus_connection

NAME = "org.freedesktop.Notifications"
PLACE = DBusAddress("/org/freedesktop/Notifications", interface=NAME)
CAPABILITIES = ["actions", "body", "body-markup", "icon-static", "persistence"]
BY_PERSON, BY_CALLER = 2, 3


@dataclass(frozen=True)
class Shown:
    """A notification as a person sees it. ``buttons``: the words of each, and its key; ``at`` is ``time.monotonic``."""

    number: int
    title: str
    body: str
    buttons: dict[str, str]
    at: float


class Desktop:
    """``shown`` is all that was ever shown, oldest first; ``visible`` what is on the screen now, by number."""

    def __init__(self, bus: str) -> None:
        self.bus = bus
        self.shown: list[Shown] = []
        self.visible: dict[int, Shown] = {}
        self._count = 0
        self._connection = open_dbus_connection(bus)
        self._listener = threading.Thread(target=self._listen, name="desktop", daemon=True)

    # --- what tests do

    def wait(self, words: str, count: int = 1, seconds: float = 10) -> Shown:
        """The newest notification with these words, once there were ``count``. Errors: ``AssertionError``."""
        deadline = time.monotonic() + seconds
        while len(found := self.having(words)) < count:
            assert time.monotonic() < deadline, f"{len(found)} of {count} with {words!r} in {seconds} s: {self.shown}"
            time.sleep(0.005)
        return found[-1]

    def having(self, words: str) -> list[Shown]:
        return [one for one in list(self.shown) if words in f"{one.title}\n{one.body}"]

    def click(self, shown: Shown, button: str = "") -> None:
        """A click on it, or on the button with these words. As on any desktop it is gone then."""
        key = shown.buttons[button] if button else "default"
        self._tell("ActionInvoked", "us", shown.number, key)
        self._close(shown.number, BY_PERSON)

    # --- its life

    def start(self) -> None:
        with DBusRouter(self._connection) as router:
            Proxy(message_bus, router, timeout=5).RequestName(NAME)
        self._listener.start()

    def stop(self) -> None:
        self._connection.interrupt()
        self._listener.join(timeout=5)
        self._connection.close()

    def _listen(self) -> None:
        with contextlib.suppress(ReceiveStopped, ConnectionError):
            while True:
                message = self._connection.receive()
                if message.header.message_type == MessageType.method_call:
                    self._connection.send(self._answer(message))

    def _answer(self, call: Message) -> Message:
        match call.header.fields.get(HeaderFields.member):
            case "GetCapabilities":
                return new_method_return(call, "as", (CAPABILITIES,))
            case "GetServerInformation":
                return new_method_return(call, "ssss", ("desktop", "tests", "1", "1.2"))
            case "Notify":
                return new_method_return(call, "u", (self._show(*call.body),))
            case "CloseNotification":
                self._close(call.body[0], BY_CALLER)
                return new_method_return(call)
        return new_error(call, "org.freedesktop.DBus.Error.UnknownMethod")

    def _show(
        self,
        _app: str,
        replaced: int,
        _icon: str,
        title: str,
        body: str,
        actions: list[str],
        _hints: Any,
        _timeout: int,
    ) -> int:
        self._count += 1
        number = replaced or self._count
        buttons = {words: key for key, words in zip(actions[::2], actions[1::2], strict=True) if key != "default"}
        self.visible[number] = Shown(number, html.unescape(title), html.unescape(body), buttons, time.monotonic())
        self.shown.append(self.visible[number])
        return number

    def _close(self, number: int, reason: int) -> None:
        if self.visible.pop(number, None):
            self._tell("NotificationClosed", "uu", number, reason)

    def _tell(self, signal: str, kinds: str, *body: Any) -> None:
        self._connection.send(new_signal(PLACE, signal, kinds, body))


@contextlib.contextmanager
def message_bus_process() -> Iterator[str]:
    """The address of a D-Bus that nothing else is on."""
    path = shutil.which("dbus-daemon")
    assert path, "dbus-daemon is missing: make test installs it"
    command = [path, "--session", "--nofork", "--nopidfile", "--print-address=1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(timeout=5)


@contextlib.contextmanager
def running() -> Iterator[Desktop]:
    """A :class:`Desktop` while the block runs."""
    with message_bus_process() as bus:
        made = Desktop(bus)
        made.start()
        try:
            yield made
        finally:
            made.stop()
