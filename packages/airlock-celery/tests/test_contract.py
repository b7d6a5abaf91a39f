"""The contract of all executors, with a real worker."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from broker_app import broker_app
from broker_worker import run_all
from executor_app import make_app, make_task, queued

from airlock.testing import ExecutorContract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class CeleryContract(ExecutorContract):
    """What holds for each broker."""

    valid_options: ClassVar[Mapping[str, Any]] = {"priority": 5, "retries": 2}
    unknown_options: ClassVar[Mapping[str, Any]] = {"contdown": 60}
    unserialisable = threading.Lock()
    batch_size = 200

    app: Any

    def executor(self) -> str:
        """Return the name by which it is selected."""
        return "celery"

    def make_task(self, function: Callable[..., None]) -> Any:
        """Return a function as a task, that has no result to be asked for."""
        return make_task(self.app, function)

    def queued_with(self, options: Mapping[str, Any]) -> bool:
        """Look at the message, and put it back."""
        [message] = queued(self.app)
        task = self.app.tasks[message.task]
        task.apply_async(message.args, message.kwargs, **options)
        found = {**message.headers, **message.properties}
        return all(found[name] == value for name, value in options.items())


class TestCeleryExecutorInMemory(CeleryContract):
    def setup_method(self) -> None:
        super().setup_method()
        self.app = make_app()

    def drain(self) -> None:
        """Do what a worker does with the messages, which takes seconds in memory."""
        for message in queued(self.app):
            task = self.app.tasks[message.task]
            task.apply(message.args, message.kwargs, throw=True)


@pytest.mark.service("redis")
class TestCeleryExecutorOnRedis(CeleryContract):
    def setup_method(self) -> None:
        super().setup_method()
        self.stack = ExitStack()
        self.app = self.stack.enter_context(broker_app("redis"))

    def drain(self) -> None:
        """Let a real worker run what is queued."""
        run_all(self.app)

    def teardown_method(self) -> None:
        self.stack.close()
