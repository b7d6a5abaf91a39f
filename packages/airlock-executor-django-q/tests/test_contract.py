"""The contract of all executors, on the queue in a database."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from queued_parcels import queued, run_all

from airlock.testing import ExecutorContract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@pytest.mark.django_db(transaction=True)
class TestDjangoQExecutor(ExecutorContract):
    valid_options: ClassVar[Mapping[str, Any]] = {"group": "mail", "timeout": 20}
    unknown_options: ClassVar[Mapping[str, Any]] = {"countdown": 60}
    unserialisable = threading.Lock()
    batch_size = 500
    # All of them go through the queue.
    runs_plain_callables = False

    def executor(self) -> str:
        return "django_q"

    def make_task(self, function: Callable[..., None]) -> Any:
        return function

    def drain(self) -> None:
        run_all(keep_results=False)

    def queued_with(self, options: Mapping[str, Any]) -> bool:
        [message] = queued()
        return all(message[name] == value for name, value in options.items())
