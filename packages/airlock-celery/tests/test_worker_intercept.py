"""A real worker runs tasks that know nothing of airlock, under the global intercept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import worker_harness
from celery import chord

if TYPE_CHECKING:
    from pathlib import Path

    from worker_harness import Worker


worker = worker_harness.worker_of("worker_intercepted", {"WORKER_INSTALLS": "yes"})


@pytest.mark.parametrize(
    "task", ["delay", "share", "made_before", "of_class", "send_by_name"]
)
def test_an_effect_waits_for_the_success_of_the_task(worker: Worker, task: str) -> None:
    """Whenever, and however, the task was made."""
    case = worker.case(task)

    assert case.effects == [None, "effect"]


def test_a_failed_task_has_no_effects_of_any_kind(worker: Worker) -> None:
    """A scope is around it, and discards."""
    case = worker.case("fail")

    assert case.effects == [None, None]


@pytest.mark.parametrize("task", ["retry", "autoretry"])
def test_a_retry_is_not_lost_and_its_effects_leave_once(
    worker: Worker, task: str
) -> None:
    """It is published by the very methods that are intercepted."""
    case = worker.case(task)

    attempts = [["attempt", number] for number in range(3)]
    assert case.effects == [*attempts, "effect 2"]


def test_a_call_method_of_the_project_is_kept(worker: Worker) -> None:
    """And the task below it still knows its own request."""
    case = worker.case("retry_custom")

    assert case.effects == ["around", "around", "effect 1"]


def test_a_replacement_is_sent_and_so_are_the_effects(worker: Worker) -> None:
    """As with `AirlockTask`."""
    case = worker.case("replace")

    assert case.effects == ["replaced", "effect", "replacement"]


def test_a_task_can_be_added_to_its_chord(worker: Worker) -> None:
    """Celery sends it, and the body when all are done."""
    case = worker_harness.Case(worker)
    tasks = worker.tasks

    chord([tasks.add_to_chord.si(case.name)])(worker.collect.s(case.name))

    assert case.effects == ["adding", "added", ["collected", ["added", "adding"]]]


def test_canvases_are_one_effect_each_and_arrive_complete(worker: Worker) -> None:
    """Taken apart, a chord would lose its body and a chain its order."""
    case = worker.case("publish_canvases")

    effects: list[Any] = case.effects
    assert effects[0] == [6, [None] * 6]
    assert sorted(map(str, effects[1:])) == sorted(
        [
            *("g1", "g2", "c1", "c2", "h1", "h2", "late", "k1", "k2", "m1", "m2"),
            str(["collected", ["h1", "h2"]]),
        ]
    )
    assert effects.index("c1") < effects.index("c2")


def test_dropped_canvases_leave_nothing_in_the_result_backend(worker: Worker) -> None:
    """Celery counts a chord there before it sends anything."""
    case = worker.case("drop_canvases")

    assert case.effects == [["left behind", []]]


def test_beat_sends_what_is_due(worker: Worker, tmp_path: Path) -> None:
    """It is Celery's own clock, and has no scope: the intercept lets it pass."""
    beat = worker.start(
        *("beat", "--schedule", str(tmp_path / "schedule"), "--pidfile="),
        module="worker_beat_intercepted",
    )
    try:
        worker.wait_for("beat", "due")
    finally:
        worker_harness.end(beat)
