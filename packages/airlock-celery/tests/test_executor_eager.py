"""Celery's eager mode runs tasks inside the flush."""

from __future__ import annotations

from typing import Any

import pytest
from executor_app import flush, make_app, make_task

ran: list[Any] = []


def note(number: int) -> None:
    """Remember the run, or fail."""
    ran.append(number)
    if number < 0:
        raise ZeroDivisionError


@pytest.fixture(autouse=True)
def _nothing_ran_yet() -> None:
    ran.clear()


def test_many_tasks_run_one_by_one_and_in_order() -> None:
    """There is nothing to publish in a batch."""
    task = make_task(make_app(task_always_eager=True), note)

    flush((task, 1), (task, 2), (task.s(3),))

    assert ran == [1, 2, 3]


def test_one_task_runs() -> None:
    """With its options, as far as Celery heeds them here."""
    task = make_task(make_app(task_always_eager=True), note)

    flush((task, 1), countdown=60)

    assert ran == [1]


def test_what_a_task_raises_is_swallowed_by_celery() -> None:
    """It is in the result, which nobody asks for."""
    task = make_task(make_app(task_always_eager=True), note)

    flush((task, -1), (task, 2))

    assert ran == [-1, 2]


def test_what_a_task_raises_ends_the_flush_where_celery_propagates_it() -> None:
    """The setting for tests."""
    app = make_app(task_always_eager=True, task_eager_propagates=True)
    task = make_task(app, note)

    with pytest.raises(ZeroDivisionError):
        flush((task, -1), (task, 2))

    assert ran == [-1]
