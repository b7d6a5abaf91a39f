"""The later steps of a pipeline are judged before the first one leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import huey
import pytest
import queued_tasks
from queued_tasks import insist, notify, ran, run_all

import airlock
from airlock import ArgumentError, NotATaskError

if TYPE_CHECKING:
    from collections.abc import Callable

either_time = pytest.mark.parametrize("verify", [True, False])
each_place = pytest.mark.parametrize(
    "make",
    [
        lambda last: notify.s(1).then(last),
        lambda last: notify.s(1).error(last),
        lambda last: notify.s(1).then(notify).then(last),
        lambda last: notify.s(1).then(notify.s(2).error(last)),
        pytest.param(
            lambda last: huey.group([notify.s(1), notify.s(2).then(last)]),
            marks=pytest.mark.skipif(
                not hasattr(huey, "group"), reason="this Huey has no groups"
            ),
        ),
        pytest.param(
            lambda last: huey.chord([notify.s(1)], notify.s()).error(last),
            marks=pytest.mark.skipif(
                not hasattr(huey, "chord"), reason="this Huey has no chords"
            ),
        ),
    ],
)


def refused(made: Any, *, verify: bool) -> Exception | None:
    """Enqueue what must be refused, and return the error."""
    error = None
    try:
        with airlock.scope(executor="huey", verify=verify):
            airlock.enqueue(made)
    except Exception as caught:  # noqa: BLE001 - each test says which it must be
        error = caught

    assert queued_tasks.huey.pending() == []
    return error


@either_time
@each_place
@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"priority": "high"}, "priority='high'"),
        ({"expires": "soon"}, "expires='soon'"),
        ({"retries": "3"}, "retries='3'"),
    ],
)
def test_an_option_that_the_worker_cannot_use_keeps_the_first_step_back(
    make: Callable[[Any], Any], options: dict[str, Any], told: str, *, verify: bool
) -> None:
    """The worker would run the first, fail to queue the next, and lose it."""
    error = refused(make(insist.s("ada", **options)), verify=verify)

    assert isinstance(error, ArgumentError)
    assert "a message of queued_tasks:insist" in str(error)
    assert told in str(error)


@either_time
@pytest.mark.parametrize("how", ["then", "error"])
def test_a_priority_that_the_storage_has_not_keeps_the_first_step_back(
    how: str, *, verify: bool
) -> None:
    """Only the first step's would be noticed before a worker has it."""
    pytest.importorskip("redis", reason="RedisHuey needs redis-py")
    from unconnected_tasks import send

    error = refused(getattr(send.s(1), how)(send.s(2, priority=5)), verify=verify)

    assert isinstance(error, ArgumentError)
    assert "priority=5, which RedisHuey cannot keep" in str(error)
    assert "PriorityRedisHuey" in str(error)


@either_time
def test_a_step_that_follows_itself_is_refused(*, verify: bool) -> None:
    """It would be read without an end."""
    message = notify.s(1)
    message.then(message)

    assert isinstance(refused(message, verify=verify), ArgumentError)


@either_time
def test_a_step_of_another_huey_is_refused(*, verify: bool) -> None:
    """The worker of the first does not know it."""
    pytest.importorskip("redis", reason="RedisHuey needs redis-py")
    from unconnected_tasks import send

    error = refused(notify.s(1).then(send.s(2)), verify=verify)

    assert isinstance(error, NotATaskError)
    assert "each with those of its own Huey" in str(error)


@either_time
def test_steps_that_the_worker_can_queue_pass(*, verify: bool) -> None:
    """The check changes nothing in the messages."""
    made = insist.s("ada").then(insist, "bob", priority=2, expires=60)

    with airlock.scope(executor="huey", verify=verify):
        airlock.enqueue(made.then(notify, subject="hello").error(notify))
    run_all()

    assert ran[0] == "ada"
    assert len(ran) == 1
