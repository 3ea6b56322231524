"""For the `piccolo` command and Piccolo's own look-ups; Parvis opens its database in db/engine.py."""

from typing import Any

from piccolo.conf.apps import AppRegistry

from db import engine

APP_REGISTRY = AppRegistry(apps=["db.piccolo_app"])


def __getattr__(name: str) -> Any:
    if name == "DB":
        return engine.DB.engine
    raise AttributeError(name)
