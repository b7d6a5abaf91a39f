"""The contract of all executors, on each of Dramatiq's brokers."""

from __future__ import annotations

import threading
import uuid
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from dramatiq.brokers.stub import StubBroker
from queued_actors import declare, queued, run_all
from real_broker import real_broker

from airlock.testing import ExecutorContract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager


class DramatiqContract(ExecutorContract):
    """What holds for each broker."""

    valid_options: ClassVar[Mapping[str, Any]] = {"max_retries": 2, "max_age": 60_000}
    unknown_options: ClassVar[Mapping[str, Any]] = {"countdown": 60}
    unserialisable = threading.Lock()
    reserved_names = frozenset({"self"})

    broker: Any

    def executor(self) -> str:
        """Return the name by which it is selected."""
        return "dramatiq"

    def make_task(self, function: Callable[..., None]) -> Any:
        """Return a function as an actor, the same one each time it is asked for."""
        name = function.__name__
        if name not in self.broker.actors:
            declare(function, self.broker, actor_name=name, queue_name=self.queue)
        return self.broker.actors[name]

    def drain(self) -> None:
        """Do what a worker does with the messages."""
        run_all(self.broker, self.queue)

    def queued_with(self, options: Mapping[str, Any]) -> bool:
        """Look at the message, and put it back."""
        [message] = queued(self.broker, self.queue)
        self.broker.enqueue(message)
        return all(message.options[name] == value for name, value in options.items())

    def setup_method(self) -> None:
        """Give each test a broker, and a queue that nobody else uses."""
        super().setup_method()
        self.queue = f"airlock-{uuid.uuid4().hex}"
        self.stack = ExitStack()
        self.broker = self.stack.enter_context(self.make_broker())

    def teardown_method(self) -> None:
        """Remove the queue."""
        self.stack.close()

    def make_broker(self) -> AbstractContextManager[Any]:
        """Return the broker, to be closed."""
        raise NotImplementedError


class TestDramatiqExecutorInMemory(DramatiqContract):
    def make_broker(self) -> AbstractContextManager[Any]:
        return closing(StubBroker())


@pytest.mark.service("redis")
class TestDramatiqExecutorOnRedis(DramatiqContract):
    def make_broker(self) -> AbstractContextManager[Any]:
        return real_broker("redis", self.queue)


@pytest.mark.service("rabbitmq")
class TestDramatiqExecutorOnRabbitmq(DramatiqContract):
    def make_broker(self) -> AbstractContextManager[Any]:
        return real_broker("rabbitmq", self.queue)
