"""Real answers, fetched once from Parvis, which the baseline serves from memory."""

import http.client
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.load import LoadFailed, Request

# uvicorn writes these by itself.
LEFT_OUT = {"transfer-encoding", "connection"}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers as they came, body with a character for each byte."""

    status: int
    headers: list[tuple[str, str]]
    body: str

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


def fetch(port: int, request: Request) -> Answer:
    """What Parvis on ``port`` answers. Errors: ``LoadFailed`` when that is neither 2xx nor 304."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    sent = {"Accept": "text/html"}
    if request.cookie:
        sent["Cookie"] = request.cookie
    if request.etag:
        sent["If-None-Match"] = request.etag
    try:
        connection.request("GET", request.path, headers=sent)
        response = connection.getresponse()
        body = response.read().decode("latin-1")
    finally:
        connection.close()
    if response.status not in (200, 304):
        raise LoadFailed(f"{request.path} answered {response.status}: {body[:300]}")
    headers = [(key.lower(), value) for key, value in response.getheaders() if key.lower() not in LEFT_OUT]
    return Answer(response.status, headers, body)


def typical(port: int, requests: Iterable[Request]) -> Answer:
    """The answer of median length among ``requests``."""
    found = sorted((fetch(port, request) for request in requests), key=lambda answer: len(answer.body))
    return found[len(found) // 2]


def save(file: Path, found: dict[str, Answer]) -> None:
    """Writes ``{path: answer}`` for :mod:`bench.baseline`; "/" is always there, so that it can be asked if it is up."""
    home = {"/": Answer(200, [], ""), **found}
    file.write_text(
        json.dumps({path: {"status": a.status, "headers": a.headers, "body": a.body} for path, a in home.items()})
    )
