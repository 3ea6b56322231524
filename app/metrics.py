"""Prometheus metrics of one process, on a loopback port of their own."""

from time import perf_counter

from prometheus_client import Counter, Gauge, Histogram, start_http_server

from asgi.asgi_types import App, Message, Receive, Scope, Send
from asgi.cache import BUDGET
from db.engine import DB
from domain.core.outages import DATABASE_STATUS
from web.live import Hub

REQUESTS = Counter("parvis_requests_total", "Requests answered.", ["method", "status"])
SECONDS = Histogram(
    "parvis_request_seconds",
    "Time to answer.",
    ["method"],
    buckets=(0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
STREAMS = Gauge("parvis_streams", "Pages kept up to date just now.")
BACKUP_AGE = Gauge("parvis_backup_age_seconds", "Since the newest good backup was begun.")
REPLICATION_AGE = Gauge("parvis_replication_age_seconds", "Since every change was in the backup's repository.")
WRITABLE = Gauge("parvis_database_writable", "1 while the database can be written, else 0.")
DISK_FREE = Gauge("parvis_disk_free_bytes", "Free on the disk of the data folder.")
CACHE = Gauge("parvis_cache_bytes", "Rendered posts and pages that are kept.")
OUTBOX_DUE = Gauge("parvis_outbox_due", "Events that could be worked on now.", ["lane"])
OUTBOX_AGE = Gauge("parvis_outbox_oldest_seconds", "Since the oldest event that waits is due.", ["lane"])
OUTBOX_FAILING = Gauge("parvis_outbox_failing", "Events that have failed and are tried again.")
OUTBOX_DEAD = Gauge("parvis_outbox_dead", "Events that gave up, and wait for an operator.")
LAG = Gauge("parvis_replica_lag_seconds", "How far behind the replica may be; infinite when it is away or not set.")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")


def watched() -> None:
    """What is known of the database, the disk and the caches, as it stands when the metrics are read."""
    CACHE.set_function(lambda: BUDGET.used)
    WRITABLE.set_function(lambda: DATABASE_STATUS.outage is None)
    DISK_FREE.set_function(lambda: DATABASE_STATUS.free or 0)


def measured(app: App, port: int, hub: Hub) -> App:
    """The application with its requests counted and timed, and the metrics served on 127.0.0.1:port."""
    STREAMS.set_function(lambda: len(hub))
    LAG.set_function(lambda: DB.lag)
    watched()
    start_http_server(port, addr="127.0.0.1")

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "other"
        began = perf_counter()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                REQUESTS.labels(method, f"{message['status'] // 100}xx").inc()
            await send(message)

        await app(scope, receive, noted)
        # A stream takes as long as its page is open.
        if scope["path"] != "/live":
            SECONDS.labels(method).observe(perf_counter() - began)

    return counted
