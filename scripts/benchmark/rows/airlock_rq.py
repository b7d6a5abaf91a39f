"""Sending to RQ."""

from __future__ import annotations

from functools import partial

from benchmark.queue import Queue, own_name, row
from benchmark.row import need_module, need_server
from benchmark.task import task


def connect() -> Queue:
    """Return an RQ."""
    need_server("redis")
    need_module("airlock.integrations.executors.rq")
    import rq  # noqa: PLC0415 - the other side may lack it
    from redis import Redis  # noqa: PLC0415

    from airlock.integrations.executors.rq import RqExecutor  # noqa: PLC0415

    queue = rq.Queue(own_name(), connection=Redis(host="127.0.0.1"))
    return Queue(
        task,
        RqExecutor(queue),
        partial(queue.enqueue, task),
        partial(queue.delete, delete_jobs=True),
    )


ROWS = (row("RQ, 1000 intents", 0.20, connect),)
