"""A real worker runs tasks, each with a boundary of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import worker_harness
from celery import chord, group

if TYPE_CHECKING:
    from worker_harness import Worker

worker = worker_harness.worker_of("worker_tasks")


def test_an_effect_leaves_after_the_body_has_succeeded(worker: Worker) -> None:
    """As a message of its own, which the worker takes next."""
    case = worker.case("succeed")

    assert case.effects == ["done", "effect"]


def test_a_shared_task_is_a_boundary_too(worker: Worker) -> None:
    """Reusable applications know no app."""
    case = worker.case("share")

    assert case.effects == ["done", "effect"]


def test_the_effects_of_a_failure_are_discarded(worker: Worker) -> None:
    """Nobody is told of an order that was not made."""
    case = worker.case("fail")

    assert case.effects == ["failing"]


@pytest.mark.parametrize("task", ["retry", "autoretry"])
def test_a_retry_is_not_lost_and_its_effects_leave_once(
    worker: Worker, task: str
) -> None:
    """Those of the attempts before are enqueued again by the last."""
    case = worker.case(task)

    attempts = [["attempt", number] for number in range(3)]
    assert case.effects == [*attempts, "effect 2"]


def test_what_was_enqueued_before_a_replacement_leaves(worker: Worker) -> None:
    """The task has succeeded into another one, and does not run again."""
    case = worker.case("replace")

    assert case.effects == ["replaced", "effect", "replacement"]


@pytest.mark.parametrize(
    ("task", "said"), [("ignore", "ignoring"), ("reject", "rejecting")]
)
def test_a_task_that_gives_up_has_no_effects(
    worker: Worker, task: str, said: str
) -> None:
    """`Ignore` and `Reject` are exceptions like any other."""
    case = worker.case(task)

    assert case.effects == [said]


def test_a_soft_time_limit_discards(worker: Worker) -> None:
    """The exception is raised in the middle of the body."""
    worker_harness.only(worker, "prefork")
    case = worker.case("linger", soft_time_limit=1)

    assert case.effects == ["lingering"]


def test_a_hard_time_limit_discards(worker: Worker) -> None:
    """The process is gone, and with it the buffer."""
    worker_harness.only(worker, "prefork")
    case = worker.case("linger", time_limit=1)

    assert case.effects == ["lingering"]


def test_a_revoked_task_has_no_effects(worker: Worker) -> None:
    """The process is ended by a signal."""
    worker_harness.only(worker, "prefork")
    case = worker_harness.Case(worker)
    result = case.send("linger")
    case.wait_for("lingering")

    result.revoke(terminate=True)

    assert case.effects == ["lingering"]


def test_a_killed_attempt_has_no_effects_and_the_next_one_has(
    worker: Worker, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`acks_late` brings the message back; what was buffered is gone."""
    worker_harness.only(worker, "prefork")
    case = worker.case("die", str(tmp_path_factory.mktemp("die") / "seen"))

    case.wait_for("attempt", times=2)

    assert case.effects == ["attempt", "attempt", "effect"]


def test_a_task_called_in_place_obeys_its_caller(worker: Worker) -> None:
    """A scope of its own would let out what the caller's policy drops."""
    case = worker.case("call_in_place")

    assert case.effects == ["done", "done", "kept"]


def test_a_chain_goes_on_and_callbacks_are_called(worker: Worker) -> None:
    """The effects come first: the task succeeds before Celery sends the next."""
    case = worker_harness.Case(worker)
    tasks = worker.tasks
    linked = tasks.note.si(case.name, "linked")

    chain = tasks.succeed.si(case.name, "1") | tasks.succeed.si(case.name, "2")
    chain.apply_async(link=linked)

    assert case.effects == ["done", "1", "done", "2", "linked"]


def test_an_error_callback_is_called(worker: Worker) -> None:
    """It belongs to the failure, and not to what the task enqueued."""
    case = worker_harness.Case(worker)

    case.send("fail", link_error=worker.tasks.note.si(case.name, "errback"))

    assert case.effects == ["failing", "errback"]


def test_the_body_of_a_chord_is_sent(worker: Worker) -> None:
    """By the backend, in the process of the last task of the header."""
    case = worker_harness.Case(worker)
    tasks = worker.tasks
    header = group(tasks.succeed.si(case.name, effect) for effect in "ab")

    chord(header)(worker.collect.s(case.name))

    effects = case.effects
    assert effects.count("done") == 2
    assert {"a", "b"} < {str(effect) for effect in effects}
    assert ["collected", ["a", "b"]] in effects


def test_a_task_can_be_added_to_its_chord(worker: Worker) -> None:
    """It is sent at once; the body waits for it."""
    case = worker_harness.Case(worker)
    tasks = worker.tasks

    chord([tasks.add_to_chord.si(case.name)])(worker.collect.s(case.name))

    effects = case.effects
    assert {"adding", "added", "effect"} < {str(effect) for effect in effects}
    assert ["collected", ["added", "adding"]] in effects
