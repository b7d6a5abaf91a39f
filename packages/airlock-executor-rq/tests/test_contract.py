"""The contract of all executors, with a real Redis and a worker."""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from real_queue import clear, connect, queued, run_all
from rq import Queue
from rq.decorators import job

from airlock.integrations.executors.rq import RqExecutor
from airlock.testing import ExecutorContract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airlock import Executor


class RqContract(ExecutorContract):
    """What holds however a function comes to its queue."""

    valid_options: ClassVar[Mapping[str, Any]] = {"timeout": 50, "result_ttl": 60}
    unknown_options: ClassVar[Mapping[str, Any]] = {"countdown": 60}
    unserialisable = threading.Lock()
    batch_size = 250
    # As with any queue that takes functions as they are.
    runs_plain_callables = False

    def drain(self) -> None:
        """Let a worker run what is queued."""
        run_all(self.queue)

    def queued_with(self, options: Mapping[str, Any]) -> bool:
        """Look at the job."""
        [found] = queued(self.queue)
        return all(getattr(found, name) == value for name, value in options.items())

    def setup_method(self) -> None:
        """Give each test a queue of its own."""
        super().setup_method()
        self.connection = connect()
        self.queue = Queue(f"airlock-{uuid.uuid4().hex}", connection=self.connection)

    def teardown_method(self) -> None:
        """Remove the queue."""
        clear(self.connection, self.queue.name)
        self.connection.close()


@pytest.mark.service("redis")
class TestRqExecutorWithAQueue(RqContract):
    def executor(self) -> Executor:
        return RqExecutor(self.queue)

    def make_task(self, function: Callable[..., None]) -> Any:
        return function


@pytest.mark.service("redis")
class TestRqExecutorByName(RqContract):
    def setup_method(self) -> None:
        super().setup_method()
        self.decorated: list[Any] = []

    def executor(self) -> str:
        return "rq"

    def make_task(self, function: Callable[..., None]) -> Any:
        self.decorated.append(function)
        return job(self.queue, connection=self.connection)(function)

    def teardown_method(self) -> None:
        for function in self.decorated:
            vars(function).clear()
        super().teardown_method()
