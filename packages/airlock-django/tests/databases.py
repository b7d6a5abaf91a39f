"""The databases of the bakery: two on SQLite, and what else this machine has."""

from __future__ import annotations

import os
import socket
from importlib.util import find_spec
from typing import Any

TIMEOUT = 3.0
# Tests of several clones may run at once.
NAME = f"airlock_django_{os.getpid()}"

SERVERS: dict[str, dict[str, Any]] = {
    "postgres": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "PORT": "5432",
        "USER": "postgres",
        "NAME": NAME,
    },
    "mariadb": {
        "ENGINE": "django.db.backends.mysql",
        "HOST": "127.0.0.1",
        "PORT": "3306",
        "USER": "root",
        "NAME": NAME,
    },
}
DRIVERS = {"postgres": "psycopg", "mariadb": "pymysql"}


def absence(alias: str) -> str:
    """Return why a database cannot be used, or nothing."""
    if find_spec(DRIVERS[alias]) is None:
        return f"{alias} needs the package {DRIVERS[alias]}. Install it."
    address = SERVERS[alias]["HOST"], int(SERVERS[alias]["PORT"])
    try:
        socket.create_connection(address, timeout=TIMEOUT).close()
    except OSError as error:
        return f"{alias} is needed on port {address[1]} ({error}). Start it."
    return ""


def _use_pymysql() -> None:
    # Django knows mysqlclient alone, which needs a compiler, and asks its version.
    import pymysql

    pymysql.version_info = (2, 2, 1, "final", 0)
    pymysql.install_as_MySQLdb()


DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
    "archive": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
    **{alias: SERVERS[alias] for alias in SERVERS if not absence(alias)},
}
if "mariadb" in DATABASES:
    _use_pymysql()
