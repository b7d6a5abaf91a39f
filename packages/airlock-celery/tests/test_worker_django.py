"""A real worker runs the tasks of a Django project, by the project's own scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import worker_harness

if TYPE_CHECKING:
    from worker_harness import Worker

pytest.importorskip("airlock.integrations.django", reason="needs airlock-django")

worker = worker_harness.worker_of("worker_django", {"WORKER_DJANGO": "yes"})


def test_an_effect_leaves_after_the_commit(worker: Worker) -> None:
    """The configured scope knows of transactions, and `task_cls` opened it."""
    case = worker.case("commit")

    assert case.effects == ["DjangoScope", "effect"]


def test_what_was_rolled_back_has_no_effects(worker: Worker) -> None:
    """Though the task succeeds, and the scope inside had ended before."""
    case = worker.case("roll_back")

    assert case.effects == ["done", "kept"]


def test_a_task_that_fails_after_its_commit_has_no_effects(worker: Worker) -> None:
    """Both have to agree: the transaction, and the boundary."""
    case = worker.case("fail")

    assert case.effects == ["failing"]
