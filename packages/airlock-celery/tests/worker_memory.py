"""Apps for the tests that need no worker: their messages stay in this process."""

from __future__ import annotations

import uuid
from queue import Empty
from typing import Any, NamedTuple

import pytest
from celery import Celery
from celery.app.trace import build_tracer


class Message(NamedTuple):
    """What waits in the queue of an app."""

    task: str
    args: list[Any]
    kwargs: dict[str, Any]
    headers: dict[str, Any]


def memory_app(kind: Any = Celery, **settings: Any) -> Any:
    """Return an app with a queue that nobody else uses."""
    app = kind(
        "shop",
        broker="memory://",
        backend="cache+memory://",
        set_as_current=False,
        task_default_queue=uuid.uuid4().hex,
        **settings,
    )
    app.conf.update(task_always_eager=False)
    return app


def eager_app(**settings: Any) -> Any:
    """Return an app whose tasks run where they are called, and raise there."""
    app = memory_app(**settings)
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    return app


def advised() -> Any:
    """Expect the warnings that calls in the old way give, and no others."""
    return pytest.warns(
        DeprecationWarning, match=r"Write instead.*: airlock\.enqueue\("
    )


def queued(app: Any) -> list[Message]:
    """Take all messages out of the queue of an app."""
    found = []
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue(app.conf.task_default_queue)
        try:
            while True:
                message = queue.get_nowait()
                args, kwargs, _ = message.payload
                headers = message.headers
                found.append(Message(headers["task"], args, kwargs, headers))
                message.ack()
        except Empty:
            pass
        queue.close()
    return found


def trace(task: Any, *args: Any, **further: Any) -> Any:
    """Run a task as a worker does: what it sends itself goes into the queue.

    Returns what its result backend is told of: the state and the result.

    Args:
        task: The task.
        args: Its arguments.
        further: What else the request is to say.
    """
    identity = uuid.uuid4().hex
    request = {"id": identity, "task": task.name, "delivery_info": {}, "retries": 0}
    request |= further
    tracer = build_tracer(task.name, task, app=task.app)
    traced = tracer(identity, args, {}, request)
    info = traced.info
    return ("SUCCESS", traced.retval) if info is None else (info.state, info.retval)
