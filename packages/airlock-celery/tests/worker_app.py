"""The app of a worker process, and of the test that feeds it.

The environment says which broker and queue to use, and where tasks write what they did.
"""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator, no-untyped-call, attr-defined"
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from celery import Celery
from kombu import Queue

QUEUE = os.environ["WORKER_QUEUE"]
PREFIX = {"global_keyprefix": f"{QUEUE}:"}

app = Celery("worker_app", broker=os.environ["WORKER_BROKER"])
app.conf.update(
    result_backend="redis://127.0.0.1",
    result_backend_transport_options=PREFIX,
    broker_transport_options=PREFIX if "redis" in os.environ["WORKER_BROKER"] else {},
    # What killed tests leave behind goes by itself, and so does the queue.
    result_expires=600,
    broker_connection_retry_on_startup=False,
    task_queues=[Queue(QUEUE, routing_key=QUEUE, expires=600)],
    task_default_queue=QUEUE,
    # One after another by default, so that each is done before the next is begun.
    worker_concurrency=int(os.environ.get("WORKER_CONCURRENCY", "1")),
)


def say(*values: Any) -> None:
    """Append one line to the journal."""
    line = f"{json.dumps(values)}\n".encode()
    flags = os.O_APPEND | os.O_CREAT | os.O_WRONLY
    journal = os.open(os.environ["WORKER_JOURNAL"], flags)
    os.write(journal, line)
    os.close(journal)


def count(*values: Any) -> int:
    """Return how many such lines the journal has."""
    lines = Path(os.environ["WORKER_JOURNAL"]).read_text().splitlines()
    return lines.count(json.dumps(values))


@app.task
def note(case: str, *values: Any) -> Any:
    """Be an effect that can be seen."""
    say(case, *values)
    return values[0]


@app.task
def collect(results: list[Any], case: str) -> None:
    """Be the body of a chord, and write down what its header returned."""
    say(case, "collected", sorted(results))
