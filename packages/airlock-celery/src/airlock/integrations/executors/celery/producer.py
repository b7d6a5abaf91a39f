"""The producer with which a task is published, taken from the pool of its app."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kombu.exceptions import OperationalError

from airlock.integrations.executors.celery.stock import is_stock
from celery.canvas import Signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kombu.messaging import Producer

    from airlock import Intent
    from celery import Celery

__all__ = ["app_that_lends", "lent_producer"]


def app_that_lends(intent: Intent) -> Celery | None:
    """Return the app whose producer can publish the intent, or None.

    A chain or chord always takes one of its own, and so may a task of a class that
    overrides Celery.
    """
    task: Any = intent.task
    if isinstance(task, Signature) and task.get("subtask_type") not in {None, "group"}:
        return None
    return task.app if is_stock(task) else None


@contextmanager
def lent_producer(app: Celery) -> Iterator[Producer]:
    """Lend a producer, and drop its connection if the broker fails meanwhile."""
    with app.producer_or_acquire() as producer:
        try:
            yield producer
        except OperationalError:
            # Celery would close it with a farewell, and wait for the answer of a
            # broker that does not answer, without end.
            producer.connection.collect()
            raise
