"""Callbacks: a worker must find them, as it must the function."""

from __future__ import annotations

from typing import Any

import pytest
from queued_functions import notify
from real_queue import queued
from rq import Callback, Queue
from rq.decorators import job

import airlock
from airlock.integrations.executors.rq import RqExecutor

pytestmark = pytest.mark.service("redis")


def enqueue(queue: Queue, options: dict[Any, Any], *, verify: bool = True) -> None:
    """Enqueue a function with options."""
    with airlock.scope(executor=RqExecutor(queue), verify=verify):
        airlock.enqueue(notify, 1, _dispatch_options=options)


def local() -> Any:
    """Return a function that only this process has."""
    return lambda: None


def of_main() -> None:
    """Say to be of `__main__`."""


of_main.__module__ = "__main__"


@pytest.mark.parametrize("option", ["on_success", "on_failure", "on_stopped"])
@pytest.mark.parametrize(
    "callback",
    [
        Callback(local()),
        Callback("nowhere.notify"),
        Callback("queued_functions.notifi"),
        Callback(of_main),
        local(),
        "nowhere.notify",
        7,
    ],
)
def test_a_callback_that_no_worker_can_import_is_refused(
    queue: Queue, option: str, callback: Any
) -> None:
    """The worker would fail after the job, and nobody be told."""
    for verify in (True, False):
        with pytest.raises(airlock.ArgumentError, match=f"notify.*{option}.*, "):
            enqueue(queue, {option: callback}, verify=verify)

    assert queued(queue) == []


def test_a_callback_of_the_decorator_must_be_importable_too(queue: Queue) -> None:
    """It was never called when the module was."""
    callback = Callback(local())
    job(queue, connection=queue.connection, on_failure=callback)(notify)

    try:
        with pytest.raises(airlock.ArgumentError, match=r"notify.*on_failure"):
            enqueue(queue, {})
    finally:
        vars(notify).clear()


def test_a_callback_may_be_given_by_its_path(queue: Queue) -> None:
    """Which is how RQ keeps it anyway."""
    enqueue(queue, {"on_success": Callback("queued_functions.notify")})

    assert queued(queue)[0].success_callback is notify
