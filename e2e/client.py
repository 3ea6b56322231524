"""Members without a browser, who prepare what a story needs."""

import re
import secrets
from typing import Any

import httpx

from e2e.user import PASSWORD


class Client:
    """One member over plain HTTP, as a form without JavaScript sends it."""

    def __init__(self, base: str) -> None:
        # Loading the certificates of others, for no https, takes longer than a request.
        self.http = httpx.Client(base_url=base, timeout=20, verify=False)
        self.handle = ""

    def found(self, handle: str = "desk", name: str = "Network desk", network: str = "Old Harbour") -> "Client":
        """Opens a fresh installation."""
        about = {"network_name": network, "description": "News from our street.", "contact": "desk@example.org"}
        return self._enter("/setup", handle, {**about, "hue": "11", "name": name})

    def sign_up(self, handle: str, name: str = "") -> "Client":
        person = {"name": name or handle.title(), "birth_date": "1990-05-04", "terms": "1", "rules": "1"}
        return self._enter("/signup", handle, person)

    def sign_in(self, handle: str, password: str = PASSWORD) -> "Client":
        self.handle = handle
        self.send("/signin", {"handle": handle, "password": password})
        return self

    def _enter(self, address: str, handle: str, form: dict[str, str]) -> "Client":
        self.handle = handle
        self.send(address, {"handle": handle, "password": PASSWORD, **form})
        return self

    def send(self, address: str, form: dict[str, str] | None = None) -> httpx.Response:
        """Errors: ``AssertionError`` unless it is done (200) or leads on (303)."""
        answer = self.http.post(address, data=form or {})
        assert answer.status_code in (200, 201, 303), (
            f"{answer.status_code} {address}\n{answer.text.partition('<main')[2][:2000]}"
        )
        return answer

    def publish(self, text: str, **more: str) -> str:
        """Posts, and returns the new post's id."""
        form = {"text": text, "key": secrets.token_hex(8), **more}
        found = re.search(r"(\d+)$", self.send("/posts", form).headers["location"])
        assert found
        return found.group(1)

    def id_of(self, handle: str) -> str:
        found = re.search(r"/accounts/(\d+)/", self.http.get(f"/@{handle}").text)
        assert found, f"@{handle} can't be followed"
        return found.group(1)

    def follow(self, handle: str) -> None:
        self.send(f"/accounts/{self.id_of(handle)}/follow?_method=PUT")

    def cookies(self) -> list[dict[str, Any]]:
        """Its session, for a browser."""
        base = str(self.http.base_url)
        return [{"name": one.name, "value": one.value or "", "url": base} for one in self.http.cookies.jar]
