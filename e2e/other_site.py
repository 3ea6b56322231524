"""Another site, with one page that does whatever a test has it do."""

import contextlib
import http.server
import threading
from collections.abc import Iterator

from ops.rigs.ports import free_port

# Another host than the network's, and so another site to a browser.
HOST = "127.0.0.2"


@contextlib.contextmanager
def site(page: str) -> Iterator[str]:
    """The address of a page with this HTML, while the block runs."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer((HOST, free_port()), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
