"""A project on a database of its own, with a worker in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
DEADLINE = 60
MARKER = "caught up"

SET_UP = """
import django
django.setup()
import airlock
from letters import *
"""

MIGRATE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""


class Office:
    """Runs stories as a web process would, and knows what the worker did."""

    def __init__(self, folder: Path, database: dict[str, Any]) -> None:
        self._journal = folder / "journal"
        self._log = folder / "log"
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(HERE),
            "DJANGO_SETTINGS_MODULE": "letter_settings",
            "LETTER_DATABASE": json.dumps(database),
            "LETTER_JOURNAL": str(self._journal),
        }
        self.run(MIGRATE)
        with self._log.open("wb") as log:
            self._worker = subprocess.Popen(
                [sys.executable, HERE / "letter_worker.py"],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    def tell(self, story: str, about: str = "") -> list[Any]:
        """Run a story, wait until the worker has nothing left of it, and report.

        Returns what the tasks did whose first argument is `about`: the others.
        """
        number = uuid.uuid4().hex
        # There is one worker, and this is the last thing that it would do.
        last = f"record.using(priority=-100).enqueue({MARKER!r}, {number!r})"
        self.run(f"{story}\n{last}")
        deadline = time.monotonic() + DEADLINE
        while [MARKER, number] not in self._lines():
            if time.monotonic() > deadline or self._worker.poll() is not None:
                pytest.fail(f"{self._lines()}\n{self._log.read_text()}")
            time.sleep(0.02)
        return [line[1:] for line in self._lines() if line[0] == about]

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

    def _lines(self) -> list[list[Any]]:
        if not self._journal.exists():
            return []
        # The last line may be half written.
        lines = self._journal.read_text().splitlines(keepends=True)
        return [json.loads(line)[0] for line in lines if line.endswith("\n")]

    def stop(self) -> None:
        """End the worker."""
        self._worker.terminate()
        try:
            self._worker.wait(timeout=DEADLINE)
        finally:
            self._worker.kill()
            self.let_go()

    def let_go(self) -> None:
        """Close what the kernel closes when the tests are killed."""
        assert self._worker.stdin is not None
        self._worker.stdin.close()

    def wait_for_its_end(self) -> None:
        """Wait until the worker has ended by itself."""
        self._worker.wait(timeout=DEADLINE)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[dict[str, Any]]:
    """Make a database that nobody else uses, and remove it."""
    if kind == "sqlite":
        engine = {"ENGINE": "django.db.backends.sqlite3"}
        yield {**engine, "NAME": str(folder / "letters.sqlite3")}
        return
    psycopg = pytest.importorskip("psycopg", reason="PostgreSQL needs psycopg")
    server = {"host": "127.0.0.1", "port": 5432, "user": "postgres"}
    name = f"airlock_letters_{uuid.uuid4().hex}"
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": name,
                **{key.upper(): value for key, value in server.items()},
            }
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


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
