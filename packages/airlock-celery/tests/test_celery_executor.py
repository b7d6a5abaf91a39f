"""The executor on real scopes."""

from __future__ import annotations

import airlock
from airlock.integrations.executors.celery import celery_executor


def test_the_executor_is_selected_by_its_name() -> None:
    """Applications write the name, and need not import anything."""
    assert airlock.resolve_executor("celery") is celery_executor


def test_a_plain_function_is_called_in_place() -> None:
    """What is no task of the queue is still worth enqueueing."""
    ran: list[int] = []

    with airlock.scope(executor="celery"):
        airlock.enqueue(ran.append, 17)

    assert ran == [17]
