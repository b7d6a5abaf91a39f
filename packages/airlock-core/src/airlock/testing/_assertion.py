"""Assertions about effects, as plain functions: any test framework can call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from airlock.testing._sought import Sought, intents_of, listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airlock import Intent

__all__ = [
    "assert_enqueued",
    "assert_not_enqueued",
    "assert_nothing_enqueued",
    "enqueued",
]


class HasIntents(Protocol):
    """A scope, or an executor that keeps what it is given."""

    @property
    def intents(self) -> Sequence[Intent]:
        """The intents, in order."""
        ...  # Pyright takes a docstring alone for a body that returns None.


Source: TypeAlias = "HasIntents | Iterable[Intent]"


def enqueued(
    source: Source, task: object, /, *args: object, **kwargs: object
) -> list[Intent]:
    """Return the intents of a task, in order, to look at them one by one.

    Args:
        source: A scope, a `RecordingExecutor`, or intents such as `scope.dispatched`.
        task: The task itself, or its name as `BlockTasks` takes it.
        *args: Its positional arguments. If there are arguments, they are compared
            as written, all of them; if there are none, any will do. What cannot say
            whether it is equal, as an array cannot, is equal to itself alone.
        **kwargs: Its keyword arguments; `_origin` and `_dispatch_options` as in
            `airlock.enqueue`.

    Raises:
        ArgumentError: If `source` holds no intents, or `task` is no task.
    """
    sought = Sought("enqueued()", task, args, kwargs)
    return [i for i in intents_of("enqueued()", source) if sought.matches(i)]


def assert_enqueued(
    source: Source,
    task: object,
    /,
    *args: object,
    times: int | None = None,
    **kwargs: object,
) -> None:
    """Fail unless an effect was enqueued. Arguments are those of `enqueued()`.

    Args:
        source: A scope, a `RecordingExecutor`, or intents.
        task: The task itself, or its name.
        *args: Its positional arguments.
        times: How often exactly; by default once or more. For a task with an
            argument of this name, look at what `enqueued()` returns.
        **kwargs: Its keyword arguments.

    Raises:
        AssertionError: If it was not. The text shows what was, closest first.
        ArgumentError: If `source` holds no intents, or `task` is no task.
    """
    __tracebackhide__ = True
    sought = Sought("assert_enqueued()", task, args, kwargs)
    intents = intents_of("assert_enqueued()", source)
    count = sum(sought.matches(intent) for intent in intents)
    if count == times or (times is None and count):
        return
    was = f"was enqueued {_times(count)}" if count else "was never enqueued"
    expected = "" if times is None else f"; expected {_times(times)}"
    what_was = "Enqueued, closest first:" if intents else "Nothing was enqueued."
    raise AssertionError(
        f"{sought} {was}{expected}. {what_was}"
        f"{listing(intents, sought.closest_first(intents))}"
    )


def assert_not_enqueued(
    source: Source, task: object, /, *args: object, **kwargs: object
) -> None:
    """Fail if an effect was enqueued. Arguments are those of `enqueued()`.

    Give the task itself: a misspelt name was never enqueued.

    Raises:
        AssertionError: If it was. The text shows each time.
        ArgumentError: If `source` holds no intents, or `task` is no task.
    """
    __tracebackhide__ = True
    sought = Sought("assert_not_enqueued()", task, args, kwargs)
    intents = intents_of("assert_not_enqueued()", source)
    found = [n for n, intent in enumerate(intents) if sought.matches(intent)]
    if found:
        raise AssertionError(
            f"{sought} was enqueued {_times(len(found))}; expected never:"
            f"{listing(intents, found)}"
        )


def assert_nothing_enqueued(source: Source) -> None:
    """Fail if any effect was enqueued.

    Raises:
        AssertionError: If any was. The text shows them in order.
        ArgumentError: If `source` holds no intents.
    """
    __tracebackhide__ = True
    intents = intents_of("assert_nothing_enqueued()", source)
    if intents:
        raise AssertionError(
            f"Expected that nothing is enqueued, got {len(intents)}:"
            f"{listing(intents, range(len(intents)))}"
        )


def _times(count: Any) -> str:  # noqa: ANN401 - whatever the caller expects
    return {0: "never", 1: "once"}.get(count, f"{count} times")
