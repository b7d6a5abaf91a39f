"""The smallest queue with options, and an executor that keeps the contract."""

from __future__ import annotations

import json
from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from airlock.integrations.executors.sync import sync_executor
from airlock.testing import ExecutorContract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from airlock import Intent


class Task:
    """A function that the queue runs later. It cannot be called."""

    def __init__(self, queue: list[Message], function: Callable[..., None]) -> None:
        self.queue = queue
        self.function = function

    @property
    def name(self) -> str:
        """The name of the task, in the manner of queues."""
        return f"tiny.{self.function.__name__}"


class Message(NamedTuple):
    """A task with its arguments, as the queue stores it."""

    task: Task
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    options: dict[str, Any]


class TinyExecutor:
    """The methods are steps, for others to break one of them."""

    def __call__(self, intent: Intent) -> object:
        """Queue a task; call anything else."""
        if not isinstance(intent.task, Task):
            return self.call(intent)
        self.put(intent.task.queue, self.message(intent))
        return None

    def call(self, intent: Intent) -> object:
        """Run what is no task of the queue."""
        return sync_executor(intent)

    def message(self, intent: Intent) -> Message:
        """Make the message, or raise what is wrong."""
        options = dict(intent.dispatch_options or {})
        if options.keys() - {"priority"}:
            raise TypeError(options)
        json.dumps([intent.args, intent.kwargs])
        task: Any = intent.task
        return Message(task, intent.args, dict(intent.kwargs), options)

    def put(self, queue: list[Message], message: Message) -> None:
        """Queue the message."""
        queue.append(message)

    def check(self, intent: Intent) -> None:
        """Raise what is wrong, naming the task, and queue nothing."""
        task: Any = intent.task
        try:
            signature(task.function).bind(*intent.args, **intent.kwargs)
            self.message(intent)
        except TypeError as error:
            raise TypeError(f"{intent.name}: {error}") from error


class TinyBulkExecutor(TinyExecutor):
    """Queues up to a hundred at once."""

    def dispatch_many(self, intents: list[Intent]) -> Iterator[int]:
        """Queue what can be carried, up to the first that cannot."""
        for start in range(0, len(intents), 100):
            messages: list[Message] = []
            failure = None
            for intent in intents[start : start + 100]:
                try:
                    messages.append(self.message(intent))
                except Exception as error:  # noqa: BLE001 - raised below
                    failure = error
                    break
            yield self.put_all(messages)
            if failure is not None:
                raise failure

    def put_all(self, messages: list[Message]) -> int:
        """Queue them; return how many there were."""
        for message in messages:
            self.put(message.task.queue, message)
        return len(messages)


class TinyContract(ExecutorContract):
    """The contract of executors for this queue."""

    valid_options: ClassVar[Mapping[str, Any] | None] = {"priority": 5}
    unknown_options: ClassVar[Mapping[str, Any] | None] = {"countdown": 60}
    unserialisable = object()
    make_executor: ClassVar[Callable[[], Any]] = TinyExecutor
    make_tiny_task: ClassVar[type[Task]] = Task

    def setup_method(self) -> None:
        super().setup_method()
        self.queue: list[Message] = []

    def executor(self) -> Any:
        return type(self).make_executor()

    def make_task(self, function: Callable[..., None]) -> Any:
        return self.make_tiny_task(self.queue, function)

    def drain(self) -> None:
        while self.queue:
            message = self.queue.pop(0)
            message.task.function(*message.args, **message.kwargs)

    def queued_with(self, options: Mapping[str, Any]) -> bool:
        [message] = self.queue
        return message.options == options
