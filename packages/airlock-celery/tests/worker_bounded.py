"""The app of a worker process, with the time limits that the how-to page shows."""

from __future__ import annotations

import os

from celery import chord
from executor_page import settings
from worker_app import PREFIX, app, collect, note, say

import airlock
from airlock.integrations.celery import AirlockTask

scheme = os.environ["WORKER_BROKER"].partition(":")[0]
exec(settings("broker_url", scheme), {"app": app})  # noqa: S102 - the page's own code
if scheme == "redis":
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, **PREFIX}


@app.task(base=AirlockTask)  # type: ignore[untyped-decorator]
def send_chord(case: str) -> None:
    """Enqueue what takes a connection of Celery's own."""
    airlock.enqueue(chord([note.si(case, "a"), note.si(case, "b")], collect.s(case)))
    say(case, "done")
