"""Dispatching many intents in order, and how far that got."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from types import FunctionType, GeneratorType
from typing import TYPE_CHECKING, cast

from airlock._errors import BulkDispatchError
from airlock._executor import aexecute, execute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airlock._intent import BulkExecutor, Executor, Intent

    Run = tuple[list[Intent], BulkExecutor | None]

__all__ = ["Progress", "adispatch", "dispatch"]


class Progress:
    """How many of some intents were dispatched. Iterating it gives those."""

    __slots__ = ("done", "intents")

    def __init__(self, intents: list[Intent]) -> None:
        self.intents = intents
        self.done = 0

    def __iter__(self) -> Iterator[Intent]:
        return iter(self.intents[: self.done])

    def __len__(self) -> int:
        return self.done

    def explain(self, error: BaseException) -> None:
        """Note on an error which dispatch raised it, and how many did not."""
        total = len(self.intents)
        if self.done == total:
            error.add_note(f"airlock: all {total} effects had been dispatched.")
            return
        error.add_note(
            f"airlock: dispatching {self.intents[self.done].name} failed, effect "
            f"{self.done + 1} of {total}. Dispatched before it: {self.done}. "
            f"Not attempted: {total - self.done - 1}."
        )


def dispatch(progress: Progress, go_on: Callable[[], object]) -> None:
    """Dispatch the intents in order, up to the first that raises.

    Args:
        progress: The intents; it is told how far the dispatch got.
        go_on: Called before each step; it may raise.
    """
    for run, bulk in _runs(progress.intents):
        if bulk is not None:
            _dispatch_many(bulk, run, progress, go_on)
            continue
        for intent in run:
            go_on()
            execute(intent)
            progress.done += 1


async def adispatch(progress: Progress, go_on: Callable[[], object]) -> None:
    """Do as `dispatch()` does, and await what executors return."""
    for run, bulk in _runs(progress.intents):
        if bulk is not None:
            _dispatch_many(bulk, run, progress, go_on)
            continue
        for intent in run:
            go_on()
            await aexecute(intent)
            progress.done += 1


def _runs(intents: list[Intent]) -> Iterator[Run]:
    """Yield the runs of intents that go to one executor, and its way to take many."""
    for executor, run in groupby(intents, attrgetter("executor")):
        listed = list(run)
        yield listed, _bulk(executor) if len(listed) > 1 else None


def _bulk(executor: Executor | None) -> BulkExecutor | None:
    # Not a plain getattr(): an object that has every attribute, as a mock does,
    # is no bulk executor.
    owner: object = executor if isinstance(executor, FunctionType) else type(executor)
    return cast("BulkExecutor", executor) if hasattr(owner, "dispatch_many") else None


def _dispatch_many(
    executor: BulkExecutor,
    intents: list[Intent],
    progress: Progress,
    go_on: Callable[[], object],
) -> None:
    end = progress.done + len(intents)
    go_on()
    parts = executor.dispatch_many(intents)
    if not isinstance(parts, GeneratorType):
        raise BulkDispatchError(repr(executor), f"returned {parts!r}")
    try:
        for count in parts:
            left = end - progress.done
            if not isinstance(count, int) or not 0 <= count <= left:
                told = f"yielded {count!r} where {left} effects were left"
                raise BulkDispatchError(repr(executor), told)
            progress.done += count
            go_on()
    finally:
        parts.close()
    if progress.done != end:
        told = f"ended with {end - progress.done} effects left"
        raise BulkDispatchError(repr(executor), told)
