"""The contract of all executors, on each of Huey's usual storages."""

from __future__ import annotations

import threading
import uuid
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from huey import MemoryHuey, RedisHuey, SqliteHuey
from huey.api import Task
from queued_tasks import run_all

from airlock.testing import ExecutorContract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# What the oldest supported Huey does to an argument of this name.
HUEY_DROPS_TASK = not hasattr(Task, "default_timeout")


class HueyContract(ExecutorContract):
    """What holds for each storage."""

    valid_options: ClassVar[Mapping[str, Any] | None] = {"priority": 5, "retries": 2}
    unknown_options: ClassVar[Mapping[str, Any] | None] = {"countdown": 60}
    unserialisable = threading.Lock()
    reserved_names = frozenset({"task"} if HUEY_DROPS_TASK else ())

    def setup_method(self) -> None:
        """Give each test a queue that nobody else uses."""
        super().setup_method()
        self.stack = ExitStack()
        self.huey = self.make_huey(f"airlock-{uuid.uuid4().hex}")
        self.stack.callback(self.huey.storage.flush_all)

    def teardown_method(self) -> None:
        """Remove the queue."""
        self.stack.close()

    def make_huey(self, name: str) -> Any:
        """Return a Huey of that name."""
        raise NotImplementedError

    def executor(self) -> str:
        return "huey"

    def make_task(self, function: Callable[..., None]) -> Any:
        return self.huey.task()(function)

    def drain(self) -> None:
        run_all(self.huey)

    def queued_with(self, options: Mapping[str, Any]) -> bool:
        [queued] = self.huey.pending()
        return all(getattr(queued, name) == value for name, value in options.items())


class TestHueyExecutorInMemory(HueyContract):
    def make_huey(self, name: str) -> Any:
        return MemoryHuey(name)


class TestHueyExecutorOnSqlite(HueyContract):
    def make_huey(self, name: str) -> Any:
        folder = self.stack.enter_context(TemporaryDirectory())
        # A disk that is slow to confirm has nothing to do with the rules.
        huey = SqliteHuey(name, filename=f"{folder}/huey.db", fsync=False)
        self.stack.callback(huey.storage.close)
        return huey


@pytest.mark.service("redis")
class TestHueyExecutorOnRedis(HueyContract):
    # It has no priorities.
    valid_options: ClassVar[Mapping[str, Any] | None] = {"retries": 2}

    def make_huey(self, name: str) -> Any:
        pytest.importorskip("redis", reason="RedisHuey needs redis-py")
        # Not blocking: an empty queue is told at once, and not after a second.
        huey = RedisHuey(name, host="127.0.0.1", blocking=False)
        self.stack.callback(huey.storage.pool.disconnect)
        return huey
