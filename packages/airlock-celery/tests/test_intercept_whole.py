"""The global intercept is installed whole or not at all."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import gc
import sys
import threading
from typing import Any

import pytest
from celery import Celery, Task, canvas
from worker_memory import memory_app

from airlock.integrations.celery import (
    install_global_intercept,
    uninstall_global_intercept,
)


def body() -> None:
    """Be the body of a task."""


def owners() -> list[Any]:
    """Return all classes of Celery's that could be patched."""
    found = [value for value in vars(canvas).values() if isinstance(value, type)]
    return [Task, Celery, *found]


def test_an_installation_that_fails_leaves_nothing_installed() -> None:
    """As where a class of the project's refuses to be patched."""

    class Refusing(type):
        def __setattr__(cls, name: str, value: object) -> None:
            raise TypeError("I am closed")

    class Closed(Task, metaclass=Refusing):  # type: ignore[misc]
        def apply_async(self) -> None: ...

    before = [dict(vars(owner)) for owner in owners()]

    with pytest.raises(TypeError, match="I am closed"):
        install_global_intercept(memory_app())
    after = [dict(vars(owner)) for owner in owners()]
    del Closed
    gc.collect()

    assert after == before
    install_global_intercept(memory_app())
    uninstall_global_intercept()


def test_tasks_may_be_made_in_other_threads_meanwhile() -> None:
    """Modules of tasks are imported where they are needed."""
    app = memory_app()
    is_done = threading.Event()

    def make(prefix: str) -> None:
        try:
            for number in range(300):
                name = f"{prefix}{number}"
                app.task(body, name=name, shared=False, lazy=False)
        finally:
            is_done.set()

    make("before")
    is_done.clear()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread = threading.Thread(target=make, args=("meanwhile",))
    try:
        thread.start()
        while not is_done.is_set():
            install_global_intercept(app)
            uninstall_global_intercept()
        thread.join()
    finally:
        sys.setswitchinterval(interval)

    left = [task for task in app.tasks.values() if "__call__" in vars(type(task))]
    assert left == []
