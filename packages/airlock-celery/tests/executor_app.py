"""Apps with a broker in memory, and a look into their queues."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from uuid import uuid4

from celery import Celery

import airlock


class Queued(NamedTuple):
    """A message that waits for a worker."""

    task: str
    args: list[Any]
    kwargs: dict[str, Any]
    headers: dict[str, Any]
    properties: dict[str, Any]


def make_app(**settings: Any) -> Celery:
    """Return an app with a queue of its own in memory; settings override that."""
    name = f"airlock-{uuid4()}"
    app = Celery(name, set_as_current=False)
    app.conf.update(
        broker_url="memory://", result_backend=None, task_default_queue=name
    )
    app.conf.update(settings)
    return app


def record(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """Be a task that takes anything."""
    return args, kwargs


def add(left: int, right: int = 1) -> int:
    """Be a task that takes two numbers."""
    return left + right


def make_task(app: Any = None, function: Any = record, **options: Any) -> Any:
    """Return a function as a task, of an app of its own if none is given."""
    # Not shared: Celery would give it to each app that is made later.
    return (app or make_app()).task(shared=False, **options)(function)


def queued(app: Any) -> list[Queued]:
    """Take all messages from the queue of an app, the oldest first."""
    found = []
    with app.connection_for_read() as connection:
        # Not SimpleQueue: that would acknowledge through a consumer.
        channel = connection.default_channel
        queue = app.amqp.queues[app.conf.task_default_queue].bind(channel)
        queue.declare()
        while (message := queue.get(no_ack=True)) is not None:
            args, kwargs, _ = json.loads(message.body)
            name = message.headers["task"]
            found.append(
                Queued(name, args, kwargs, message.headers, message.properties)
            )
    return found


def filled(*enqueued: tuple[Any, ...], **options: Any) -> airlock.Scope:
    """Enqueue tasks with their arguments in a scope that exits."""
    scope = airlock.Scope(executor="celery").enter()
    for task, *args in enqueued:
        airlock.enqueue(task, *args, _dispatch_options=options or None)
    scope.exit()
    return scope


def flush(*enqueued: tuple[Any, ...], **options: Any) -> airlock.Scope:
    """Do the same, and flush. An error gets the scope."""
    scope = filled(*enqueued, **options)
    try:
        scope.flush()
    except Exception as error:
        error.scope = scope  # type: ignore[attr-defined]
        raise
    return scope
