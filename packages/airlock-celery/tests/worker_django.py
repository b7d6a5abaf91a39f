"""Tasks of a Django project, all with a boundary by `task_cls`."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import os

import django
from django.conf import settings
from django.db import transaction
from worker_app import app, note, say

import airlock
from airlock.integrations.celery import AirlockTask

# In the worker alone: the process of the tests may have a project of its own.
if "WORKER_DJANGO" in os.environ:
    memory = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    settings.configure(
        DATABASES={"default": memory},
        INSTALLED_APPS=["airlock.integrations.django"],
        AIRLOCK={"TASK_BACKEND": "celery"},
    )
    django.setup()

# As `Celery("shop", task_cls=AirlockTask)` does it.
app.task_cls = AirlockTask


@app.task
def commit(case: str) -> None:
    """Ask for an effect in a transaction that is committed."""
    with transaction.atomic():
        airlock.enqueue(note, case, "effect")
        say(case, type(airlock.get_current_scope()).__name__)


@app.task
def roll_back(case: str) -> None:
    """Ask for effects in a transaction that is not, and go on."""
    with transaction.atomic():
        airlock.enqueue(note, case, "rolled back")
        with airlock.scope():
            airlock.enqueue(note, case, "rolled back inside")
        transaction.set_rollback(True)
    airlock.enqueue(note, case, "kept")
    say(case, "done")


@app.task
def fail(case: str) -> None:
    """Commit, and fail."""
    with transaction.atomic():
        airlock.enqueue(note, case, "effect")
    say(case, "failing")
    raise ValueError("boom")
