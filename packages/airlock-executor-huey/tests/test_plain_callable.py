"""What is not Huey's runs in place, at the flush."""

from __future__ import annotations

import pytest
import queued_tasks
from queued_tasks import ran

import airlock


def record(value: object) -> None:
    """Remember that the effect happened."""
    ran.append(value)


def test_a_plain_function_runs_in_place_at_the_flush() -> None:
    """A function can become a task later without touching who enqueues it."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(record, 1)
        ran.append("end of block")

    assert ran == ["end of block", 1]
    assert queued_tasks.huey.pending() == []


def test_options_mean_nothing_to_a_plain_function() -> None:
    """As everywhere in airlock, also where Huey would refuse them."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(record, 1, _dispatch_options={"delay": 60, "queue": "slow"})

    assert ran == [1]


def test_a_schedule_method_makes_no_huey_task() -> None:
    """Calendars and job objects have one too, and mean something else by it."""

    class Report:
        def __call__(self, value: object) -> None:
            ran.append(value)

        def schedule(self, *args: object, **kwargs: object) -> None:
            raise AssertionError((args, kwargs))

    with airlock.scope(executor="huey"):
        airlock.enqueue(Report(), 1)

    assert ran == [1]


def test_what_a_plain_function_raises_ends_the_flush() -> None:
    """It ran here, so here is where it failed."""

    def fail() -> None:
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"), airlock.scope(executor="huey"):
        airlock.enqueue(fail)


def test_a_coroutine_function_is_refused_where_nobody_can_await() -> None:
    """Called in place, it would do nothing and say nothing."""

    async def greet() -> None: ...

    with pytest.raises(airlock.AsyncDispatchError), airlock.scope(executor="huey"):
        airlock.enqueue(greet)
