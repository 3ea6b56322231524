"""The baseline: a bare ASGI application that serves the same bytes from memory, on the same server with the same flags.

No framework in Python on this server can be faster; what Parvis reaches of it is what its own work costs.
"""

import json
import sys
from pathlib import Path
from typing import Any

import uvicorn

Header = tuple[bytes, bytes]


def main() -> None:
    """``python -m bench.baseline PORT FILE``: serves the answers in FILE, the JSON of :func:`bench.answers.save`."""
    port, file = int(sys.argv[1]), Path(sys.argv[2])
    answers = {
        path: (
            answer["status"],
            [(k.encode(), v.encode()) for k, v in answer["headers"]],
            answer["body"].encode("latin-1"),
        )
        for path, answer in json.loads(file.read_text()).items()
    }

    async def application(scope: Any, receive: Any, send: Any) -> None:
        status, headers, body = answers[scope["path"]]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    uvicorn.run(
        application,
        port=port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
    )


if __name__ == "__main__":
    main()
