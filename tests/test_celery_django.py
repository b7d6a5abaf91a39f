"""A Celery task's effects wait for the commit where Django is configured."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from layout_tree import ROOT

TESTS = ROOT / "packages/airlock-celery/tests"

PROJECT = """
import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["airlock.integrations.django"],
    AIRLOCK=SETTINGS,
)
django.setup()

from django.db import transaction
from worker_memory import memory_app, queued

import airlock
from airlock.integrations.celery import AirlockTask

app = memory_app()
ran = []

@app.task(shared=False)
def notify(address): ...

def remember(intent):
    ran.append(intent.args)

@app.task(base=AirlockTask, shared=False)
def order(address):
    ran.append(type(airlock.get_current_scope()).__name__)
    airlock.enqueue(notify, address)
"""

COMMITTED = """
with transaction.atomic():
    order.apply(("ada",))
    assert queued(app) == []
assert [message.args for message in queued(app)] == [["ada"]]
assert ran == ["DjangoScope"]
"""

ROLLED_BACK = """
try:
    with transaction.atomic():
        order.apply(("ada",))
        raise KeyError
except KeyError:
    pass
assert queued(app) == []
"""

OWN_EXECUTOR = """
settings.AIRLOCK = {"TASK_BACKEND": remember}
order.apply(("ada",))
assert ran == ["DjangoScope", ("ada",)]
assert queued(app) == []
"""

OWN_POLICY = """
settings.AIRLOCK = {"DEFAULT_POLICY": airlock.DropAll}
order.apply(("ada",))
assert queued(app) == []
"""


@pytest.mark.parametrize("backend", [None, "celery"])
@pytest.mark.parametrize("story", [COMMITTED, ROLLED_BACK, OWN_EXECUTOR, OWN_POLICY])
def test_the_scope_of_a_task_is_that_of_the_project(
    story: str, backend: str | None
) -> None:
    """With Celery as the executor, chosen or not: a task's effects are tasks."""
    chosen = f"SETTINGS = {{'TASK_BACKEND': {backend!r}}}\n"

    done = subprocess.run(
        [sys.executable, "-c", chosen + PROJECT + story],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
