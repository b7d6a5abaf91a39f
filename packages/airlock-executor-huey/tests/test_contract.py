"""The contract of all executors, on Huey in memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, ClassVar

from huey import MemoryHuey
from huey.api import Task
from queued_tasks import run_all

from airlock.testing import ExecutorContract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# What the oldest supported Huey does to an argument of this name.
HUEY_DROPS_TASK = not hasattr(Task, "default_timeout")


class TestHueyExecutor(ExecutorContract):
    valid_options: ClassVar[Mapping[str, Any]] = {"priority": 5, "retries": 2}
    unknown_options: ClassVar[Mapping[str, Any]] = {"countdown": 60}
    unserialisable = threading.Lock()
    reserved_names = frozenset({"task"} if HUEY_DROPS_TASK else ())

    def setup_method(self) -> None:
        super().setup_method()
        self.huey = MemoryHuey("contract")

    def executor(self) -> str:
        return "huey"

    def make_task(self, function: Callable[..., None]) -> Any:
        return self.huey.task()(function)

    def drain(self) -> None:
        run_all(self.huey)

    def queued_with(self, options: Mapping[str, Any]) -> bool:
        [queued] = self.huey.pending()
        return all(getattr(queued, name) == value for name, value in options.items())
