"""A real worker, in a thread of this process, so that tests see what it ran."""

# Celery is untyped.
# mypy: disable-error-code="no-untyped-call,untyped-decorator"
from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from celery.contrib.testing.worker import start_worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery import Celery

# A worker that hangs fails the test.
LIMIT = 60.0


@contextmanager
def worker(app: Celery) -> Iterator[None]:
    """Run a worker that takes one message after the other."""
    before = logging.root.level
    try:
        with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR"):
            yield
    finally:
        # It sets that of the process, and later tests look for warnings.
        logging.root.setLevel(before)


def run_all(app: Celery) -> None:
    """Run what is queued, and return when all of it is done."""
    done = threading.Event()

    # What is queued last, with the lowest priority that Redis has, runs last.
    @app.task(name=f"airlock.last-{uuid4()}", ignore_result=True, shared=False)
    def last() -> None:
        done.set()

    last.apply_async(priority=9)
    with worker(app):
        assert done.wait(LIMIT), "the worker does not come to the end of the queue"
