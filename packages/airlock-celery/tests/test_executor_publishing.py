"""The mark on what the executor publishes."""

from __future__ import annotations

import threading

from airlock.integrations.executors.celery.publishing import is_publishing, publishing


def test_the_mark_is_there_inside_alone() -> None:
    """Whatever else is published is still to be decided by a scope."""
    before = is_publishing()
    with publishing():
        inside = is_publishing()

    assert (before, inside, is_publishing()) == (False, True, False)


def test_another_thread_is_not_marked() -> None:
    """It may run a task of its own meanwhile."""
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(is_publishing()))

    with publishing():
        thread.start()
        thread.join()

    assert seen == [False]
