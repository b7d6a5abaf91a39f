"""In an event loop the executor returns what `async with` awaits."""

from __future__ import annotations

import asyncio

import pytest
from parcels import send
from queued_parcels import queued

import airlock
from airlock import AsyncDispatchError
from airlock.integrations.executors.django_q import DjangoQOptionError

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_effects_of_an_async_scope_leave_one_by_one() -> None:
    """A batch could not be awaited, and Django refuses to write it in a loop."""

    async def request() -> None:
        async with airlock.scope(executor="django_q"):
            for number in range(3):
                airlock.enqueue(send, number)

    asyncio.run(request())

    assert [message["args"] for message in queued()] == [(0,), (1,), (2,)]


def test_a_failure_in_the_loop_ends_the_flush() -> None:
    """What was awaited before it has left, and nothing after it."""
    scope = airlock.Scope(executor="django_q")

    async def request() -> None:
        async with scope:
            airlock.enqueue(send, 1)
            airlock.enqueue(send, 2, _dispatch_options={"countdown": 60})
            airlock.enqueue(send, 3)

    with pytest.raises(DjangoQOptionError):
        asyncio.run(request())

    assert [intent.args for intent in scope.dispatched] == [(1,)]
    assert [message["args"] for message in queued()] == [(1,)]


def test_a_plain_scope_in_an_event_loop_says_what_to_write() -> None:
    """Django itself raises `SynchronousOnlyOperation`, of a query."""

    async def request() -> None:
        with airlock.scope(executor="django_q"):
            airlock.enqueue(send, 1)

    with pytest.raises(AsyncDispatchError, match=r"parcels:send .*async with"):
        asyncio.run(request())

    assert queued() == []
