"""The how-to page shows code that runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import letter_settings
import pytest
from letter_office import refusing_port, silent_port

PAGES = [
    folder / "docs" / "how-to" / "django-tasks.md" for folder in Path(__file__).parents
]
PAGE = next(filter(Path.exists, PAGES), None)

pytestmark = pytest.mark.skipif(
    PAGE is None, reason="the documentation is not beside these tests"
)

SET_UP = """
import django
django.setup()
from django.core.management import call_command
"""
OUTCOME = """
import asyncio
from datetime import timedelta
from django_tasks_db.models import DBTaskResult
asyncio.run(close_order(19))
for row in DBTaskResult.objects.order_by("enqueued_at"):
    in_an_hour = timezone.now() + timedelta(hours=1)
    late = timezone.now() < row.run_after <= in_an_hour
    print(row.args_kwargs, row.priority, row.queue_name, "late" if late else "now")
"""
DEAD = """
import time
import airlock
import page

began = time.monotonic()
try:
    with airlock.scope(executor="django_tasks"):
        airlock.enqueue(page.send_receipt, 17)
finally:
    print(time.monotonic() - began)
"""
# The page says two seconds; this leaves room for a busy machine.
LIMIT = 20.0


def blocks() -> list[str]:
    """Return the code of the page, for the library that is there."""
    assert PAGE is not None
    library = f"from {letter_settings.LIBRARY}"
    text = PAGE.read_text().replace("from django.tasks", library)
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def run(folder: Path, databases: str, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a project that has the settings of the page."""
    (folder / "settings.py").write_text(
        "\n".join([blocks()[0], databases, 'SECRET_KEY = "page"', "USE_TZ = True"])
    )
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", SET_UP + script],
        cwd=folder,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_code_of_the_page_queues_what_it_says(tmp_path: Path) -> None:
    """Run in order, as one module, with warnings as errors."""
    pytest.importorskip("airlock.integrations.django", reason="the page installs it")
    databases = """
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.db"}}
"""
    # A worker finds a task by the path of its module.
    (tmp_path / "page.py").write_text("\n".join(blocks()[1:-1]))
    migrated = 'call_command("migrate", verbosity=0)\nfrom page import *\n'

    done = run(tmp_path, databases, migrated + OUTCOME)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "{'args': [17], 'kwargs': {'copy_to': 'accounts@example.org'}} 0 default now",
        "{'args': [18], 'kwargs': {}} 10 mail late",
        "{'args': [19], 'kwargs': {}} 0 default now",
    ]


@pytest.mark.parametrize("port", [refusing_port, silent_port])
def test_a_database_that_is_away_is_an_error_in_time(port: Any, tmp_path: Path) -> None:
    """It refuses, or it accepts as a server does whose disk is stuck."""
    pytest.importorskip("psycopg", reason="PostgreSQL needs psycopg")
    pytest.importorskip("airlock.integrations.django", reason="the page installs it")
    (tmp_path / "page.py").write_text(blocks()[1].partition("\n\n\nwith")[0])

    with port() as number:
        databases = blocks()[-1].replace("5432", str(number))
        done = run(tmp_path, databases, DEAD)

    assert "django.db.utils.OperationalError" in done.stderr
    assert "airlock: dispatching send_receipt failed, effect 1 of 1" in done.stderr
    assert float(done.stdout) < LIMIT
