"""The queue in the database, and a worker for it in this process."""

from __future__ import annotations

from multiprocessing import Value
from typing import Any

from django_q.brokers import get_broker
from django_q.models import OrmQ, Task
from django_q.monitor import monitor
from django_q.queues import Queue
from django_q.signing import SignedPackage
from django_q.worker import worker

__all__ = ["queued", "run_all"]


def queued() -> list[dict[str, Any]]:
    """Return what waits, in order, as a cluster would read it."""
    rows = OrmQ.objects.order_by("pk")
    return [SignedPackage.loads(row.payload) for row in rows]


def run_all(*, keep_results: bool = True) -> None:
    """Do what the processes of a cluster do, one after the other, until all is done.

    Older versions of django-q read all results to keep one more.
    """
    broker = get_broker()
    # A worker ends itself after five hundred.
    while rows := list(OrmQ.objects.order_by("pk")[:100]):
        tasks, results = Queue(), Queue()
        for row in rows:
            tasks.put({**SignedPackage.loads(row.payload), "ack_id": row.pk})
        tasks.put("STOP")
        worker(tasks, results, Value("f", -1), timeout=-1)
        results.put("STOP")
        monitor(results, broker)
        OrmQ.objects.filter(pk__in=[row.pk for row in rows]).delete()
        for each in (tasks, results):
            each.close()
            each.join_thread()
        if not keep_results:
            Task.objects.all().delete()
