"""Many jobs at once: their order, and what becomes of them if something fails."""

from __future__ import annotations

from typing import Any

import pytest
from queued_functions import greet, invoice, notify
from real_queue import calls, flushed, queued
from rq import Queue
from rq.decorators import job

import airlock
from airlock.integrations.executors.rq import RqExecutor, RqOptionError

pytestmark = pytest.mark.service("redis")


class Failing:
    """Cannot be pickled."""

    def __init__(self, kind: type[BaseException]) -> None:
        self.kind = kind

    def __reduce__(self) -> Any:
        raise self.kind


def test_many_jobs_are_enqueued_in_order(queue: Queue) -> None:
    """More than one batch of them."""
    flushed(queue, *range(600)).flush()

    assert calls(queue) == [(number,) for number in range(600)]


def test_many_jobs_take_few_transactions(queue: Queue, commands: list[int]) -> None:
    """That is why there are batches. RQ takes two for a job alone."""
    flushed(queue, *range(501)).flush()

    assert len(commands) <= 2 + 2
    assert len(queued(queue)) == 501


def test_a_job_that_cannot_join_others_keeps_its_place(queue: Queue) -> None:
    """So does one for another queue, and one that the decorator describes."""
    other = Queue(f"{queue.name}-other", connection=queue.connection)
    options: list[dict[str, Any]] = [
        {},
        {},
        {"meta": {"a": 1}},
        {},
        {},
        {"queue": other},
    ]

    with airlock.scope(executor=RqExecutor(queue)):
        for number, given in enumerate([*options, *options]):
            airlock.enqueue(notify, number, _dispatch_options=given)

    assert calls(queue) == [(n,) for n in range(12) if n not in {5, 11}]
    assert calls(other) == [(5,), (11,)]
    assert [job.meta for job in queued(queue)][2] == {"a": 1}


def test_decorated_functions_leave_together(queue: Queue, commands: list[int]) -> None:
    """Though RQ makes their queue anew for each."""
    job(queue.name, connection=queue.connection)(invoice)
    try:
        with airlock.scope(executor="rq"):
            for number in range(100):
                airlock.enqueue(invoice, number)
    finally:
        vars(invoice).clear()

    assert calls(queue) == [(number,) for number in range(100)]
    assert len(commands) <= 3


def test_options_hold_in_a_batch_too(queue: Queue) -> None:
    """Each has its own."""
    with airlock.scope(executor=RqExecutor(queue)):
        for number in (1, 2, 3, 4):
            options = {"timeout": number, "at_front": number == 4}
            airlock.enqueue(notify, number, _dispatch_options=options)

    assert [(job.args[0], job.timeout) for job in queued(queue)] == [
        (4, 4),
        (1, 1),
        (2, 2),
        (3, 3),
    ]


def test_coroutine_functions_among_others_keep_their_place(queue: Queue) -> None:
    """Nothing is awaited here: a worker does that."""
    with airlock.scope(executor=RqExecutor(queue)):
        airlock.enqueue(notify, 1)
        airlock.enqueue(greet, "ada")
        airlock.enqueue(notify, 2)

    assert calls(queue) == [(1,), ("ada",), (2,)]


@pytest.mark.parametrize("place", [0, 1, 2, 249, 250, 251, 299])
def test_a_job_that_cannot_be_made_ends_the_flush_at_its_place(
    queue: Queue, place: int
) -> None:
    """What stands before it has left, whole and once, and nothing after it."""
    arguments: list[Any] = list(range(300))
    arguments[place] = Failing(ZeroDivisionError)
    scope = flushed(queue, *arguments)

    with pytest.raises(ZeroDivisionError) as caught:
        scope.flush()

    assert f"Dispatched before it: {place}." in caught.value.__notes__[0]
    assert len(scope.dispatched) == place
    assert calls(queue) == [(number,) for number in range(place)]
    assert len(set(queue.get_job_ids())) == place


def test_an_option_that_is_unknown_ends_the_flush_at_its_place(queue: Queue) -> None:
    """It is seen before anything is made of the job."""
    scope = airlock.scope(executor=RqExecutor(queue)).enter()
    for number in range(5):
        options = {"countdown": 60} if number == 3 else {}
        airlock.enqueue(notify, number, _dispatch_options=options)
    scope.exit()

    with pytest.raises(RqOptionError):
        scope.flush()

    assert len(scope.dispatched) == 3
    assert calls(queue) == [(0,), (1,), (2,)]


def test_one_id_for_two_jobs_is_what_it_is_for_rq(queue: Queue) -> None:
    """The second replaces the first, and `enqueue_many()` would refuse both."""
    flushed(queue, 1, 2, 3, job_id=f"{queue.name}-own").flush()

    assert {job.args[0] for job in queued(queue)} == {3}


def test_an_interrupted_flush_counts_what_has_left(queue: Queue) -> None:
    """Whoever presses Ctrl-C relies on it like any other."""
    scope = flushed(queue, 1, 2, Failing(KeyboardInterrupt), 4)

    with pytest.raises(KeyboardInterrupt):
        scope.flush()

    assert len(scope.dispatched) == 1
    assert calls(queue) == [(1,)]
