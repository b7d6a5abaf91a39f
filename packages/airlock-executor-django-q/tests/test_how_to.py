"""The how-to page shows code that runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from parcel_office import refusing_port, silent_port

PAGES = [folder / "docs/how-to/django-q.md" for folder in Path(__file__).parents]
PAGE = next(filter(Path.exists, PAGES), None)

pytestmark = pytest.mark.skipif(
    PAGE is None, reason="the documentation is not beside these tests"
)

DATABASE = """
SECRET_KEY = "page"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.db"}}
"""
SET_UP = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
OUTCOME = """
import page
from django_q.models import OrmQ
for row in OrmQ.objects.order_by("pk"):
    message = row.task
    options = sorted(message.keys() & {"group", "timeout", "chain"})
    print(row.func(), message["args"], message["kwargs"], *options)
"""
DEAD = """
import textwrap
import time
import airlock

began = time.monotonic()
try:
    with airlock.scope(executor="django_q"):
        airlock.enqueue(textwrap.dedent, "parcel")
finally:
    print(time.monotonic() - began)
"""
# The page says two seconds; this leaves room for a busy machine.
LIMIT = 20.0


def blocks() -> list[str]:
    """Return the code of the page."""
    assert PAGE is not None
    return re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )


def run(
    folder: Path, settings: list[str], script: str
) -> subprocess.CompletedProcess[str]:
    """Run a script in a project that has the settings of the page."""
    (folder / "settings.py").write_text("\n".join([*settings, DATABASE]))
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
    # A cluster finds a function by its module.
    (tmp_path / "page.py").write_text("\n".join(blocks()[1:-1]))

    done = run(tmp_path, blocks()[:1], OUTCOME)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "page.send_receipt (17,) {'copy_to': 'accounts@example.org'}",
        "page.send_receipt (18,) {} group timeout",
        "page.send_receipt (19,) {} chain group",
        "page.assign(group=..., timeout=...) (17,) {} group",
    ]


@pytest.mark.parametrize(
    ("port", "error"),
    [(refusing_port, "ConnectionError"), (silent_port, "TimeoutError")],
)
def test_a_broker_that_is_away_is_an_error_in_time(
    port: Any, error: str, tmp_path: Path
) -> None:
    """It refuses, or it accepts as a server does whose disk is stuck."""
    pytest.importorskip("redis", reason="the page shows the Redis broker")
    pytest.importorskip("airlock.integrations.django", reason="the page installs it")

    with port() as number:
        broker = blocks()[-1].replace("6379", str(number))
        done = run(tmp_path, [blocks()[0], broker], DEAD)

    assert f"redis.exceptions.{error}" in done.stderr
    assert "airlock: dispatching textwrap:dedent failed, effect 1 of 1" in done.stderr
    assert float(done.stdout) < LIMIT
