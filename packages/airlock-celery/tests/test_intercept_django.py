"""The global intercept and the tasks that Celery has for Django."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

PROJECT = """
import warnings
import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
)
django.setup()
warnings.simplefilter("error")

from celery.contrib.django.task import DjangoTask
from django.db import connection, transaction
from worker_memory import memory_app, queued

import airlock
from airlock.integrations.celery import (
    install_global_intercept,
    uninstall_global_intercept,
)

app = memory_app()
app.conf.result_backend = "disabled://"

@app.task(base=DjangoTask, shared=False)
def notify(address, subject=""): ...

def names():
    return [(message.args, message.kwargs) for message in queued(app)]

untouched = dict(vars(DjangoTask))
install_global_intercept(app)
warnings.simplefilter("ignore")
"""

IN_A_SCOPE = """
with transaction.atomic():
    with airlock.scope(executor="celery") as scope:
        notify.delay_on_commit("ada", subject="hello")
        notify.apply_async_on_commit(("bob",), priority=5)
        assert len(scope.intents) == 2
        assert len(connection.run_on_commit) == 0
        assert [intent.name for intent in scope.intents] == [notify.name] * 2
        assert scope.intents[1].dispatch_options == {"priority": 5}
    assert names() == []
assert names() == [(["ada"], {"subject": "hello"}), (["bob"], {})]
"""

DROPPED = """
for policy in airlock.DropAll(), airlock.BlockTasks([notify]):
    with transaction.atomic():
        with airlock.scope(policy=policy, executor="celery"):
            notify.delay_on_commit("ada")
assert names() == []
"""

OUTSIDE = """
with transaction.atomic():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        notify.delay_on_commit("ada")
    assert names() == []
    warnings.simplefilter("error")
[warning] = caught
assert warning.filename == "<string>", warning.filename
assert "airlock.enqueue(notify, 'ada')" in str(warning.message)
assert names() == [(["ada"], {})]
"""

ROLLED_BACK = """
try:
    with transaction.atomic():
        with airlock.scope(executor="celery"):
            notify.delay_on_commit("ada")
        raise KeyError
except KeyError:
    pass
assert names() == []
"""

UNINSTALLED = """
uninstall_global_intercept()
assert dict(vars(DjangoTask)) == untouched
"""


@pytest.mark.parametrize(
    "story", [IN_A_SCOPE, DROPPED, OUTSIDE, ROLLED_BACK, UNINSTALLED]
)
def test_a_task_on_commit_obeys_the_scope_and_waits_for_the_commit(story: str) -> None:
    """In a process of its own: Django is set up once."""
    pytest.importorskip("django")

    done = subprocess.run(
        [sys.executable, "-c", PROJECT + story],
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
