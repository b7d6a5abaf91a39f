"""A batch is as large as a database takes, in whatever way its tasks are large."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from parcels import send
from queued_parcels import queued

import airlock

if TYPE_CHECKING:
    from collections.abc import Iterator

KILOBYTE = "x" * 1000

STORY = """
import pymysql
# Django knows mysqlclient alone, which needs a compiler, and asks its version.
pymysql.version_info = (2, 2, 1, "final", 0)
pymysql.install_as_MySQLdb()
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
import airlock
from django_q.models import OrmQ
from parcels import send
with airlock.scope(executor="django_q"):
    for _ in range(400):
        airlock.enqueue(send, "x" * 60_000)
print(OrmQ.objects.count())
"""


@pytest.fixture
def lengths() -> Iterator[list[int]]:
    """Note how long what each statement writes is."""
    noted: list[int] = []

    def note(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if sql.startswith("INSERT"):
            noted.append(sum(len(str(each)) for each in params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(note):
        yield noted


@pytest.mark.django_db(transaction=True)
def test_large_tasks_leave_in_smaller_batches(lengths: list[int]) -> None:
    """Databases limit the length of a statement."""
    with airlock.scope(executor="django_q") as scope:
        for _ in range(100):
            airlock.enqueue(send, KILOBYTE * 60)

    assert len(scope.dispatched) == len(queued()) == 100
    assert 5 < len(lengths) < 20
    assert max(lengths) < 1_200_000


@pytest.mark.django_db(transaction=True)
def test_a_task_that_is_larger_than_a_batch_leaves_alone(lengths: list[int]) -> None:
    """Beside a small one it would be longer than it has to be."""
    with airlock.scope(executor="django_q"):
        for size in (1, 1, 3000, 1, 1):
            airlock.enqueue(send, KILOBYTE * size)

    assert [len(message["args"][0]) for message in queued()] == [
        *(1000, 1000, 3_000_000, 1000, 1000)
    ]
    small, large, rest = lengths
    assert max(small, rest) < 10_000
    assert large > 3_000_000


@pytest.fixture
def mariadb() -> Iterator[dict[str, Any]]:
    """Make a database on MariaDB, and remove it."""
    pymysql = pytest.importorskip("pymysql", reason="MariaDB needs PyMySQL")
    server: dict[str, Any] = {"host": "127.0.0.1", "port": 3306, "user": "root"}
    name = f"airlock_parcels_{uuid.uuid4().hex}"
    with pymysql.connect(**server) as client, client.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield {
                "ENGINE": "django.db.backends.mysql",
                "NAME": name,
                **{key.upper(): value for key, value in server.items()},
            }
        finally:
            cursor.execute(f"DROP DATABASE {name}")


@pytest.mark.service("mariadb")
def test_many_large_tasks_are_no_statement_that_mariadb_refuses(
    mariadb: dict[str, Any],
) -> None:
    """It takes 16 MB at a time, and each of these tasks alone."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parent),
        "DJANGO_SETTINGS_MODULE": "parcel_settings",
        "PARCEL_DATABASE": json.dumps(mariadb),
    }

    done = subprocess.run(
        [sys.executable, "-c", STORY],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "400\n"), done.stderr
