"""A project with a queue of its own, and a cluster that works for it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
DEADLINE = 90
MARKER = "caught up"

SET_UP = """
import django
django.setup()
import airlock
from parcels import *
"""
LAST = "from django_q.tasks import async_task\n"
MIGRATE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""


class Office:
    """Runs stories as a web process would, and knows what the cluster did."""

    def __init__(self, folder: Path, broker: dict[str, Any], database: Any) -> None:
        self._keeps_order = "orm" not in broker
        self._journal = folder / "journal"
        self._log = folder / "log"
        cache = "django.core.cache.backends.filebased.FileBasedCache"
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(HERE),
            "DJANGO_SETTINGS_MODULE": "parcel_settings",
            "PARCEL_BROKER": json.dumps(broker),
            "PARCEL_CACHE": json.dumps(
                {"BACKEND": cache, "LOCATION": str(folder / "cache")}
            ),
            "PARCEL_DATABASE": json.dumps(database),
            "PARCEL_JOURNAL": str(self._journal),
        }
        self.run(MIGRATE)
        with self._log.open("wb") as log:
            # In a group of its own: the cluster starts processes, and all must end.
            self._cluster = subprocess.Popen(
                [sys.executable, HERE / "parcel_cluster.py"],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run(self, story: str) -> None:
        """Run a story to its end, in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", SET_UP + story],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def tell(self, story: str, about: str, times: int) -> list[Any]:
        """Run a story, wait until the cluster has done so much of it, and report.

        Returns what the functions did whose first argument is `about`: the others.
        """
        number = uuid.uuid4().hex
        last = f"async_task(send, {MARKER!r}, {number!r})"
        self.run(f"{story}\n{LAST}{last}")
        deadline = time.monotonic() + DEADLINE
        while [MARKER, number] not in self._lines() or len(self._of(about)) < times:
            if time.monotonic() > deadline or self._cluster.poll() is not None:
                pytest.fail(f"{self._lines()}\n{self._log.read_text()}")
            time.sleep(0.02)
        return self._of(about)

    def order(self, done: list[Any]) -> list[Any]:
        """Return what was done as it was done, if the broker promises an order.

        That in a database asks for its rows without an `ORDER BY`.
        """
        return done if self._keeps_order else sorted(done)

    def _of(self, about: str) -> list[Any]:
        return [line[1:] for line in self._lines() if line[0] == about]

    def _lines(self) -> list[list[Any]]:
        if not self._journal.exists():
            return []
        # The last line may be half written.
        lines = self._journal.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def stop(self) -> None:
        """End the cluster, and what it has started."""
        self._cluster.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._cluster.wait(timeout=20)
        with suppress(ProcessLookupError):
            os.killpg(self._cluster.pid, signal.SIGKILL)
        self._cluster.wait(timeout=DEADLINE)
        self.let_go()

    def let_go(self) -> None:
        """Close what the kernel closes when the tests are killed."""
        assert self._cluster.stdin is not None
        self._cluster.stdin.close()

    def wait_for_its_end(self) -> None:
        """Wait until the cluster has ended by itself."""
        self._cluster.wait(timeout=DEADLINE)


@contextmanager
def office(kind: str, folder: Path) -> Iterator[Office]:
    """Open an office with a queue that nobody else uses, and remove it all."""
    files = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(folder / "parcels.sqlite3"),
        "OPTIONS": {"timeout": 30},
    }
    queue = {"sqlite": _files, "postgres": _postgres, "redis": _redis}[kind]
    with queue(files) as (broker, database):
        made = Office(folder, broker, database)
        try:
            yield made
        finally:
            made.stop()


@contextmanager
def _files(files: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    yield {"orm": "default"}, files


@contextmanager
def _postgres(files: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    del files
    psycopg = pytest.importorskip("psycopg", reason="PostgreSQL needs psycopg")
    server = {"host": "127.0.0.1", "port": 5432, "user": "postgres"}
    name = f"airlock_parcels_{uuid.uuid4().hex}"
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield (
                {"orm": "default"},
                {
                    "ENGINE": "django.db.backends.postgresql",
                    "NAME": name,
                    **{key.upper(): value for key, value in server.items()},
                },
            )
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _redis(files: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    redis = pytest.importorskip("redis", reason="the Redis broker needs redis-py")
    name = f"airlock_parcels_{uuid.uuid4().hex}"
    # As on the page of the documentation: a cluster must live with these, too.
    server = {"host": "127.0.0.1", "port": 6379}
    limits = {"socket_connect_timeout": 1, "socket_timeout": 2}
    try:
        yield {"orm": None, "name": name, "redis": {**server, **limits}}, files
    finally:
        with redis.Redis(**server) as client:
            for key in client.scan_iter(f"django_q:{name}*"):
                client.delete(key)


@contextmanager
def silent_port() -> Iterator[int]:
    """Accept connections, and answer nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def refusing_port() -> Iterator[int]:
    """Refuse connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    yield port
