"""The queue that the settings choose."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol, cast

from django.conf import settings


class Listener(Protocol):
    """Is told what reaches the queue, and what the consumer runs."""

    def queued(self, queue_id: str) -> None:
        """Hear of a task that was just put into the queue."""

    def started(
        self, queue_id: str, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        """Hear of a task that the consumer takes."""

    def ended(self, queue_id: str, value: Any, error: BaseException | None) -> None:
        """Hear what the task returned, or raised."""


class Queue(Protocol):
    """What the shop, its journal and the demo ask of a queue: a module is one."""

    CONSUMER: tuple[str, ...]
    """The module that runs the tasks, one after another, and its arguments."""

    def task(self, function: Callable[..., Any], /) -> Callable[..., Any]:
        """Make a task of a function. The decorated function can be enqueued."""
        ...

    def send(self, task: Any, /) -> str:
        """Send a task past airlock, and return the id it has in the queue."""
        ...

    def pending(self) -> int:
        """Count the tasks that no consumer has taken yet."""
        ...

    def tell(self, listener: Listener, /) -> None:
        """Tell a listener, from now on, what happens in this process."""

    def remove(self) -> None:
        """Leave nothing behind."""


queue = cast("Queue", import_module(settings.SHOP_QUEUE))
