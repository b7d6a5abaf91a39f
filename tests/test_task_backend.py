"""Django's settings select the executor of another distribution."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROJECT = """
import django
from django.conf import settings
from huey import MemoryHuey

settings.configure(AIRLOCK={{"TASK_BACKEND": {backend!r}}})
django.setup()

import airlock
from airlock.integrations.django import DjangoScope

huey = MemoryHuey()

@huey.task()
def send_receipt(order): ...

with airlock.scope(_cls=DjangoScope):
    airlock.enqueue(send_receipt, 17)
    assert huey.pending_count() == 0

[message] = huey.pending()
print(message.args)
"""


@pytest.mark.parametrize(
    "backend",
    [
        "huey",
        "airlock.integrations.executors.huey.huey_executor",
        "airlock.integrations.executors.huey:huey_executor",
    ],
)
def test_the_task_backend_is_a_name_or_a_path(backend: str) -> None:
    """`TASK_BACKEND` of the specification, and the short form of it."""
    shown = subprocess.run(
        [sys.executable, "-c", PROJECT.format(backend=backend)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert shown == "(17,)\n"
