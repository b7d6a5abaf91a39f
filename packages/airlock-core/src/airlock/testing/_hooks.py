"""What the author of an executor tells the contract."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airlock import Executor

__all__ = ["ExecutorHooks", "Run", "record", "record_other", "record_pair", "runs"]

Run: TypeAlias = tuple[tuple[Any, ...], dict[str, Any]]

runs: list[Run] = []


# At the top of a module, where a queue that stores import paths finds them.
def record(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - of any type
    """Note one run."""
    runs.append((args, kwargs))


def record_other(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - of any type
    """Note one run of another task."""
    runs.append((args, kwargs))


def record_pair(first: object, second: object) -> None:
    """Note one run of a task that takes exactly two arguments."""
    runs.append(((first, second), {}))


class ExecutorHooks(ABC):
    """What the contract must be told about an executor and its queue."""

    valid_options: ClassVar[Mapping[str, Any] | None] = None
    """Dispatch options that the queue takes, and that delay nothing."""

    unknown_options: ClassVar[Mapping[str, Any] | None] = None
    """Dispatch options that the queue does not know."""

    unserialisable: ClassVar[Any] = None
    """An argument that the queue cannot carry."""

    reserved_names: ClassVar[frozenset[str]] = frozenset()
    """Keyword arguments that the queue cannot carry, whatever their value."""

    runs_plain_callables: ClassVar[bool] = True
    """Whether what is no task of the queue runs in place."""

    is_async: ClassVar[bool] = False
    """Whether the executor returns awaitables, for `async with airlock.scope()`."""

    batch_size: ClassVar[int] = 30
    """The most effects that `dispatch_many` hands over at once."""

    @abstractmethod
    def executor(self) -> Executor | str:
        """Return the executor, or the name by which it is selected."""

    @abstractmethod
    def make_task(self, function: Callable[..., None]) -> Any:  # noqa: ANN401
        """Return a function as a task of the queue. Each test asks again.

        The functions stand at the top of an importable module.
        """

    @abstractmethod
    def drain(self) -> None:
        """Run all that is queued, as a worker would, and return when it is done."""

    def ran(self) -> list[Run]:
        """Return the arguments of each run so far, in order.

        Override it, and let `make_task` return tasks of your own with the same
        parameters, where the worker is another process.
        """
        return list(runs)

    def queued_with(self, options: Mapping[str, Any]) -> bool:
        """Say whether the one task in the queue has these, the `valid_options`."""
        del options
        msg = f"{type(self).__name__} declares valid_options: override queued_with()."
        raise NotImplementedError(msg)
