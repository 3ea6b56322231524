"""Structured logs on standard error: what happened and where, never what people wrote."""

import io
import logging
import sys
from typing import TextIO, cast

import structlog

from settings import Settings


class _StandardError(io.TextIOBase):
    """Whatever is standard error when something is written: loggers outlive a stream that is put in its place."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


STANDARD_ERROR = cast(TextIO, _StandardError())


def configure(settings: Settings) -> None:
    """Sets up structlog, and has the libraries' own warnings come out the same way."""
    level = getattr(logging, settings.log_level.upper())
    last = (
        structlog.processors.JSONRenderer()
        if settings.log_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            places,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(STANDARD_ERROR),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        stream=STANDARD_ERROR, level=max(level, logging.WARNING), format="%(levelname)s %(name)s %(message)s"
    )


def places(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception as its kind and the lines it came through: its message and values may quote people."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        frames = []
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        event["error"] = type(error).__name__
        event["at"] = frames[-8:]
    return event
