"""Dispatching many intents in order, and how far that got."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import closing, suppress
from itertools import groupby
from types import FunctionType, GeneratorType
from typing import TYPE_CHECKING, cast

from airlock._awaitable import close_awaitable, is_coroutine_function
from airlock._errors import BulkDispatchError
from airlock._executor import aexecute, execute

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from airlock._executor import Wait
    from airlock._intent import BulkExecutor, Executor, Intent

    Run = tuple[list[Intent], BulkExecutor | None]

__all__ = ["Progress", "adispatch", "dispatch"]


class Progress:
    """How many of some intents were dispatched. Iterating it gives those.

    What is dispatched together ends at `end`: what fails after that is no effect.
    """

    __slots__ = ("done", "end", "intents")

    def __init__(self, intents: Sequence[Intent]) -> None:
        # Whoever passed them may change the list later.
        self.intents = tuple(intents)
        self.done = 0
        self.end = len(self.intents)

    def __iter__(self) -> Iterator[Intent]:
        return iter(self.intents[: self.done])

    def explain(self, error: BaseException) -> None:
        """Note on an error which dispatch raised it, and how many did not."""
        total = len(self.intents)
        left = total - self.done - len(self.failed)
        what = (
            f"dispatching {self.failed[0].name} failed, effect {self.done + 1} of "
            f"{total}. Dispatched before it: {self.done}"
            if self.failed
            else f"the {self.done} effects before this had been dispatched"
        )
        # An exception may refuse attributes, and must arrive all the same.
        with suppress(Exception):
            error.add_note(f"airlock: {what}. Not attempted: {left}.")

    @property
    def failed(self) -> tuple[Intent, ...]:
        """What was being dispatched, once something has failed."""
        return self.intents[self.done : min(self.done + 1, self.end)]

    @property
    def left(self) -> tuple[Intent, ...]:
        """What was not attempted, once something has failed."""
        return self.intents[self.done + len(self.failed) :]


def dispatch(progress: Progress, go_on: Callable[[], object], wait: Wait) -> None:
    """Dispatch the intents in order, up to the first that raises.

    Args:
        progress: The intents; it is told how far the dispatch got.
        go_on: Called before each step; it may raise.
        wait: Called for what an executor returns to be awaited.
    """
    for run, bulk in _runs(progress.intents):
        if bulk is not None:
            with closing(_dispatch_many(bulk, run, progress, go_on)) as unfinished:
                for result in unfinished:
                    wait(progress.intents[progress.done], result)
            continue
        for intent in run:
            go_on()
            execute(intent, wait)
            progress.done += 1


async def adispatch(progress: Progress, go_on: Callable[[], object]) -> None:
    """Do as `dispatch()` does, and await what executors return."""
    for run, bulk in _runs(progress.intents):
        if bulk is not None:
            with closing(_dispatch_many(bulk, run, progress, go_on)) as unfinished:
                for result in unfinished:
                    await result
            continue
        for intent in run:
            go_on()
            await aexecute(intent)
            progress.done += 1


def _runs(intents: Sequence[Intent]) -> Iterator[Run]:
    """Yield the runs of intents that go to one executor, and its way to take many."""
    for run in _by_executor(intents):
        executor = _bulk(run[0].executor)
        if executor is None:
            yield run, None
            continue
        # A coroutine function among a queue's tasks is called, and awaited, by itself.
        for is_async, part in groupby(run, lambda i: is_coroutine_function(i.task)):
            listed = list(part)
            yield listed, None if is_async or len(listed) == 1 else executor


def _by_executor(intents: Sequence[Intent]) -> Iterator[list[Intent]]:
    run: list[Intent] = []
    for intent in intents:
        # Not ==, which may find the executors of two tenants equal.
        if run and intent.executor is not run[0].executor:
            yield run
            run = []
        run.append(intent)
    if run:
        yield run


def _bulk(executor: Executor | None) -> BulkExecutor | None:
    # Not a plain getattr(): an object that has every attribute, as a mock does,
    # is no bulk executor.
    owner: object = executor if isinstance(executor, FunctionType) else type(executor)
    # A class says None where it takes back what its base class offers.
    is_bulk = getattr(owner, "dispatch_many", None) is not None
    return cast("BulkExecutor", executor) if is_bulk else None


def _dispatch_many(
    executor: BulkExecutor,
    intents: list[Intent],
    progress: Progress,
    go_on: Callable[[], object],
) -> Generator[Awaitable[object], None, None]:
    """Dispatch them; yield what is to be awaited before the next intent's turn."""
    end = progress.end = progress.done + len(intents)
    go_on()
    parts = executor.dispatch_many(intents)
    if not isinstance(parts, GeneratorType):
        close_awaitable(parts)
        raise BulkDispatchError(repr(executor), f"returned {parts!r}")
    with closing(parts):
        for part in parts:
            left = end - progress.done
            count = 1 if isinstance(part, Awaitable) else part
            if not isinstance(count, int) or not 0 <= count <= left:
                close_awaitable(part)
                told = f"yielded {part!r} where {left} effects were left"
                raise BulkDispatchError(repr(executor), told)
            if isinstance(part, Awaitable):
                yield part
            progress.done += count
            go_on()
    if progress.done != end:
        told = f"ended with {end - progress.done} effects left"
        raise BulkDispatchError(repr(executor), told)
    progress.end = len(progress.intents)
