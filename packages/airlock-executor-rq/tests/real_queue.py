"""Queues on a real Redis, and nothing of them left behind."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from queued_functions import notify
from redis import Redis
from rq import SimpleWorker

import airlock
from airlock.integrations.executors.rq import RqExecutor

if TYPE_CHECKING:
    from rq import Queue
    from rq.job import Job

URL = "redis://127.0.0.1:6379/0"


def connect(**settings: Any) -> Any:
    """Return a client, to be closed."""
    return Redis.from_url(URL, **settings)


def queued(queue: Queue) -> list[Job]:
    """Return the jobs that wait, in order."""
    return queue.get_jobs()


def calls(queue: Queue) -> list[tuple[Any, ...]]:
    """Return the positional arguments of the jobs that wait, in order."""
    return [tuple(job.args) for job in queued(queue)]


def run_all(queue: Queue) -> None:
    """Let a worker in this process run what waits."""
    # Named so that it is removed with the queue; two may not have one name.
    name = f"{queue.name}-{uuid.uuid4().hex}"
    worker = SimpleWorker([queue], name=name, connection=queue.connection)
    worker.work(burst=True, logging_level="ERROR")


def clear(connection: Any, name: str) -> None:
    """Remove everything of the queues whose names begin like this."""
    for key in connection.scan_iter("rq:job:*", _type="HASH"):
        if (connection.hget(key, "origin") or b"").startswith(name.encode()):
            number = key.decode().removeprefix("rq:job:")
            more = "dependents", "dependencies"
            related = [f"rq:job:{number}:{kind}" for kind in more]
            connection.delete(key, f"rq:results:{number}", *related)
    for key in connection.scan_iter(f"*{name}*"):
        connection.delete(key)
    for member in connection.sscan_iter("rq:queues", f"*{name}*"):
        connection.srem("rq:queues", member)


def flushed(queue: Queue, *arguments: Any, **options: Any) -> airlock.Scope:
    """Enqueue one effect for each argument, and return the scope that is left."""
    scope = airlock.scope(executor=RqExecutor(queue)).enter()
    for argument in arguments:
        airlock.enqueue(notify, argument, _dispatch_options=options or None)
    scope.exit()
    return scope
