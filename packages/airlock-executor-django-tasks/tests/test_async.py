"""In an event loop the executor returns what `async with` awaits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from letters import ran, record

import airlock
from airlock import AsyncDispatchError

pytestmark = pytest.mark.django_db(transaction=True)


def queued() -> list[Any]:
    """The arguments of what is in the queue, in order."""
    from django_tasks_db.models import DBTaskResult

    rows = DBTaskResult.objects.order_by("enqueued_at")
    return [row.args_kwargs["args"] for row in rows]


def test_an_async_scope_reaches_a_database() -> None:
    """A plain `enqueue()` of Django is refused in a loop."""

    async def request() -> None:
        async with airlock.scope(executor="django_tasks"):
            airlock.enqueue(record, "ada")
            airlock.enqueue(record, "bob", _dispatch_options={"priority": 3})

    asyncio.run(request())

    assert queued() == [["ada"], ["bob"]]


def test_a_plain_scope_in_an_event_loop_says_what_to_write() -> None:
    """Django itself raises `SynchronousOnlyOperation`, of a query."""

    async def request() -> None:
        with airlock.scope(executor="django_tasks"):
            airlock.enqueue(record, "ada")

    with pytest.raises(AsyncDispatchError, match=r"record .*async with"):
        asyncio.run(request())

    assert queued() == []


def test_a_plain_scope_in_a_thread_of_an_event_loop_enqueues() -> None:
    """There synchronous work is allowed, and nobody could await."""

    def work() -> None:
        with airlock.scope(executor="django_tasks"):
            airlock.enqueue(record.using(backend="immediate"), "ada")

    async def request() -> None:
        await asyncio.to_thread(work)

    asyncio.run(request())

    assert ran == [(["ada"], {})]


def test_a_failure_in_the_loop_ends_the_flush() -> None:
    """What was awaited before it has left, and nothing after it."""

    async def request(scope: airlock.Scope) -> None:
        async with scope:
            airlock.enqueue(record, 1)
            airlock.enqueue(record, object())
            airlock.enqueue(record, 3)

    scope = airlock.Scope(executor="django_tasks")
    with pytest.raises(TypeError):
        asyncio.run(request(scope))

    assert queued() == [[1]]
    assert [intent.args for intent in scope.dispatched] == [(1,)]
    assert len(scope.undispatched) == 2
