"""A real worker gets what old code sends by `delay()` and `apply_async()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import worker_harness
from celery import chord, group
from worker_memory import advised

import airlock

if TYPE_CHECKING:
    from pathlib import Path

    from worker_harness import Worker

worker = worker_harness.worker_of("worker_tasks")


def test_the_effect_reaches_the_worker_when_the_scope_ends(worker: Worker) -> None:
    """And not before, though a worker is idle."""
    case = worker_harness.Case(worker)

    with airlock.scope(executor="celery"):
        with pytest.warns(DeprecationWarning, match=r"airlock\.enqueue\(old_note, "):
            result = worker.tasks.old_note.delay(case.name, "effect")
        before = case.effects

    assert result is None
    assert before == []
    assert case.effects == ["effect"]


def test_the_effect_of_a_task_waits_for_its_success(worker: Worker) -> None:
    """The base classes work together in a worker."""
    case = worker.case("delay")

    assert case.effects == [[None, None], "first", "second"]


def test_the_effect_of_a_failed_task_is_discarded(worker: Worker) -> None:
    """Old code obeys the boundary without being changed."""
    case = worker.case("delay_and_fail")

    assert case.effects == [None]


def test_a_retry_where_there_is_no_scope_is_sent(worker: Worker) -> None:
    """Celery publishes it; it must not raise `NoScopeError`."""
    case = worker.case("old_retry")

    assert case.effects == [["attempt", number] for number in range(3)]


def test_a_retry_inside_a_scope_is_not_lost(worker: Worker) -> None:
    """Buffered, it would be discarded with the attempt that asked for it."""
    case = worker.case("retry_in_scope")

    attempts = [["attempt", number] for number in range(3)]
    assert case.effects == [*attempts, "effect 2"]


@pytest.mark.parametrize("task", ["replace_by_old", "plain_replace_by_old"])
def test_a_replacement_is_sent(worker: Worker, task: str) -> None:
    """Also where neither a scope nor a base class of ours is around it."""
    case = worker.case(task)

    effects = ["effect"] if task == "replace_by_old" else []
    assert case.effects == ["replaced", *effects, "replacement"]


def test_a_chain_goes_on_with_shimmed_tasks(worker: Worker) -> None:
    """Celery sends the next task, in a process that has no scope by then."""
    case = worker_harness.Case(worker)
    tasks = worker.tasks
    parts = [tasks.old_note.si(case.name, number) for number in range(3)]
    linked = tasks.old_note.si(case.name, "linked")

    with airlock.scope(executor="celery"):
        airlock.enqueue(
            parts[0] | parts[1] | parts[2], _dispatch_options={"link": linked}
        )

    assert case.effects == [0, 1, 2, "linked"]


def test_a_chord_of_shimmed_tasks_arrives_complete(worker: Worker) -> None:
    """Its body is sent by the backend."""
    case = worker_harness.Case(worker)
    tasks = worker.tasks
    header = group(tasks.old_note.si(case.name, number) for number in range(3))
    body = tasks.old_note.si(case.name, "body")

    with airlock.scope(executor="celery"):
        airlock.enqueue(chord(header, body))

    assert case.effects == [0, 1, 2, "body"]


def test_a_shimmed_task_can_be_added_to_a_chord(worker: Worker) -> None:
    """Buffered, it would come after the body that waits for it."""
    case = worker_harness.Case(worker)
    tasks = worker.tasks

    with airlock.scope(executor="celery"):
        airlock.enqueue(
            chord([tasks.add_old_to_chord.si(case.name)], worker.collect.s(case.name))
        )

    assert case.effects == ["adding", "added", ["collected", ["added", "adding"]]]


def test_members_of_a_group_that_old_code_sends_arrive(worker: Worker) -> None:
    """Each is an effect of its own: the group knows nothing of airlock."""
    case = worker_harness.Case(worker)
    tasks = worker.tasks

    with airlock.scope(executor="celery") as scope:
        with advised():
            group(tasks.old_note.s(case.name, number) for number in range(3)).delay()
        before = case.effects

    assert len(scope.intents) == 3
    assert before == []
    assert case.effects == [0, 1, 2]


def test_beat_sends_a_shimmed_task(worker: Worker, tmp_path: Path) -> None:
    """It is Celery's own clock, and has no scope."""
    beat = worker.start(
        *("beat", "--schedule", str(tmp_path / "schedule"), "--pidfile="),
        module="worker_beat",
    )
    try:
        worker.wait_for("beat", "due")
    finally:
        worker_harness.end(beat)
