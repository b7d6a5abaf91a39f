"""What kind of queue it is: to make another like it, or to send it batches."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from rq import Queue
from rq import queue as source

if TYPE_CHECKING:
    from redis import Redis

__all__ = ["alike", "are_one", "can_send_batches"]

# What a job goes through on its way. `enqueue_many()` passes by some of them.
_WAY = (
    *("enqueue_call", "create_job", "enqueue_job", "setup_dependencies"),
    *("prepare_data", "enqueue_many", "_enqueue_job"),
)
# RQ asks the server for it, once in a while.
_NOTED = "redis_server_version"


def can_send_batches(queue: Queue) -> bool:
    """Tell whether jobs for it can leave together, and nobody would miss it.

    Whoever overrides or replaces a method of RQ's wants it called for each job.
    """
    return queue.is_async and all(
        _is_of_rq(getattr(queue, name, None)) for name in _WAY
    )


def _is_of_rq(method: object) -> bool:
    # A wrapper may have taken over the names of what it wraps, but not this.
    return getattr(method, "__globals__", None) is vars(source)


def are_one(queue: Queue, other: Queue) -> bool:
    """Tell whether it makes no difference to which of them a job goes.

    RQ's ``@job`` makes one anew for each.
    """
    return queue is other or (
        type(queue) is type(other) and _settings(queue) == _settings(other)
    )


def _settings(queue: Queue) -> dict[str, Any]:
    return {name: value for name, value in vars(queue).items() if name != _NOTED}


def alike(queue: Queue, name: str, connection: Redis) -> Queue:
    """Return a queue of this name, in that Redis, and otherwise of the same kind."""
    if queue.name == name and queue.connection is connection:
        return queue
    # Not made by its class, which may take other arguments and add what it likes.
    made = copy(queue)
    made.name = name
    made._key = f"{queue.redis_queue_namespace_prefix}{name}"  # noqa: SLF001
    made.connection = connection
    made.redis_server_version = None
    return made
