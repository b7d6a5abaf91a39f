"""The mark on what the executor publishes."""

from __future__ import annotations

import threading

from airlock.integrations.executors.celery.publishing import (
    is_publishing,
    not_publishing,
    publishing,
)


def test_the_mark_is_there_inside_alone() -> None:
    """Whatever else is published is still to be decided by a scope."""
    before = is_publishing()
    with publishing():
        inside = is_publishing()

    assert (before, inside, is_publishing()) == (False, True, False)


def test_a_task_that_runs_in_place_can_be_freed_of_the_mark() -> None:
    """Celery's eager mode runs the task inside the call that publishes it."""
    with publishing():
        with not_publishing():
            inside = is_publishing()
        after = is_publishing()

    assert (inside, after) == (False, True)


def test_another_thread_is_not_marked() -> None:
    """It may run a task of its own meanwhile."""
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(is_publishing()))

    with publishing():
        thread.start()
        thread.join()

    assert seen == [False]
