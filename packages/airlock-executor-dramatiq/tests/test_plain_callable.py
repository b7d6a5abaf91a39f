"""What is not Dramatiq's runs in place, at the flush."""

from __future__ import annotations

import pytest
from queued_actors import queued, ran

import airlock


def record(value: object) -> None:
    """Remember that the effect happened."""
    ran.append(value)


def test_a_plain_function_runs_in_place_at_the_flush() -> None:
    """A function can become an actor later without touching who enqueues it."""
    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(record, 1)
        ran.append("end of block")

    assert ran == ["end of block", 1]
    assert queued() == []


def test_options_mean_nothing_to_a_plain_function() -> None:
    """As everywhere in airlock, also where Dramatiq would refuse them."""
    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(record, 1, _dispatch_options={"delay": 60, "queue": "slow"})

    assert ran == [1]


def test_a_send_method_makes_no_actor() -> None:
    """Sockets and mails have one too, and mean something else by it."""

    class Mail:
        def __call__(self, value: object) -> None:
            ran.append(value)

        def send(self, *args: object, **kwargs: object) -> None:
            raise AssertionError((args, kwargs))

        send_with_options = send

    with airlock.scope(executor="dramatiq"):
        airlock.enqueue(Mail(), 1)

    assert ran == [1]


def test_a_coroutine_function_is_refused_where_nobody_can_await() -> None:
    """Called in place, it would do nothing and say nothing."""

    async def greet() -> None: ...

    with pytest.raises(airlock.AsyncDispatchError), airlock.scope(executor="dramatiq"):
        airlock.enqueue(greet)
