"""Blocking work in a thread, for layers that may not import db: a cancelled caller waits for the thread to end."""

from db.blocking import run_blocking

__all__ = ["run_blocking"]
