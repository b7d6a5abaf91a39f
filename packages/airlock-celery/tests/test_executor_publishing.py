"""The mark on what the executor publishes."""

from __future__ import annotations

import threading
from contextvars import copy_context

from airlock.integrations.executors.celery.publishing import is_publishing, publishing


def test_the_mark_is_there_inside_alone() -> None:
    """Whatever else is published is still to be decided by a scope."""
    before = is_publishing("a")
    with publishing("a"):
        inside = is_publishing("a")
        other = is_publishing("b")

    assert (before, inside, is_publishing("a")) == (False, True, False)
    assert not other


def test_another_thread_is_not_marked() -> None:
    """It may run a task of its own meanwhile."""
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(is_publishing("a")))

    with publishing("a"):
        thread.start()
        thread.join()

    assert seen == [False]


def test_a_context_that_outlives_the_call_is_not_marked() -> None:
    """As that of an asyncio task which a task starts in eager mode."""
    with publishing("a"):
        context = copy_context()
        inside = context.run(is_publishing, "a")

    assert inside
    assert not context.run(is_publishing, "a")
