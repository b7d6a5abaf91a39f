"""The Python blocks of the specification that are about Dramatiq."""

from __future__ import annotations

from queued_actors import notify, queued

import airlock
from airlock.integrations.executors.dramatiq import dramatiq_executor


def test_how_dispatch_works() -> None:
    """## How dispatch works: an actor is sent, a plain function falls back."""
    in_place: list[int] = []

    with airlock.scope(executor=dramatiq_executor):
        airlock.enqueue(notify, 1)
        airlock.enqueue(in_place.append, 2)
        assert queued() == []

    assert in_place == [2]
    assert [message.args for message in queued()] == [(1,)]


def test_executor_says_how_to_execute() -> None:
    """### Executor = How to Execute: selected by its import path as well."""
    path = "airlock.integrations.executors.dramatiq.dramatiq_executor"

    assert airlock.resolve_executor(path) is dramatiq_executor
    assert airlock.resolve_executor("dramatiq") is dramatiq_executor
