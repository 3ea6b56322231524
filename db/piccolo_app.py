"""Parvis as one Piccolo app with one linear history.

Imported by migrations and the `piccolo` command only: Piccolo's configuration of apps takes 9 MB.
"""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from db.tables.registry import APP, TABLES

APP_CONFIG = AppConfig(
    app_name=APP,
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=list(TABLES),
)
