"""The Python blocks of the specification that are about Huey."""

from __future__ import annotations

import queued_tasks
from queued_tasks import notify, run_all

import airlock
from airlock.integrations.executors.huey import huey_executor


def test_how_dispatch_works() -> None:
    """## How dispatch works: a Huey task is scheduled, a plain function falls back."""
    in_place: list[int] = []

    with airlock.scope(executor=huey_executor):
        # A call of the task would take `priority` for an option of Huey's.
        airlock.enqueue(notify, 1, priority="high")
        airlock.enqueue(in_place.append, 2)
        assert queued_tasks.huey.pending_count() == 0

    assert in_place == [2]
    assert queued_tasks.huey.pending_count() == 1
    run_all()
    assert queued_tasks.ran == [((1,), {"priority": "high"})]


def test_dispatch_options() -> None:
    """## Dispatch options: they are Huey's, and a plain function ignores them."""
    in_place: list[int] = []

    with airlock.scope(executor=huey_executor):
        airlock.enqueue(notify, 1, _dispatch_options={"delay": 60})
        airlock.enqueue(in_place.append, 2, _dispatch_options={"delay": 60})

    assert in_place == [2]
    [message] = queued_tasks.huey.pending()
    assert message.eta is not None


def test_executor_says_how_to_execute() -> None:
    """### Executor = How to Execute: selected by its import path as well."""
    path = "airlock.integrations.executors.huey.huey_executor"

    assert airlock.resolve_executor(path) is huey_executor
    assert airlock.resolve_executor("huey") is huey_executor
