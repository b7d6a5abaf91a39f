"""The contract of all executors."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from airlock_executor_threads import wait

from airlock.testing import ExecutorContract


class TestThreadsExecutor(ExecutorContract):
    unknown_options: ClassVar[Mapping[str, Any]] = {"countdown": 60}
    # Every callable is a task: nothing runs in place.
    runs_plain_callables = False

    def executor(self) -> str:
        return "threads"

    def make_task(self, function: Callable[..., None]) -> Any:
        return function

    def drain(self) -> None:
        wait()
