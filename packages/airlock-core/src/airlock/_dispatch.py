"""Dispatching many intents in order, and how far that got."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import closing, suppress
from itertools import groupby, takewhile
from types import FunctionType, GeneratorType
from typing import TYPE_CHECKING, cast

from airlock._awaitable import close_awaitable, is_coroutine_function
from airlock._errors import BulkDispatchError
from airlock._executor import aexecute, settle, sync_executor
from airlock._intent import Attempt
from airlock._process import process

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from airlock._executor import Wait
    from airlock._intent import BulkExecutor, Executor, Intent

    Run = tuple[int, BulkExecutor | None]

__all__ = ["Progress", "adispatch", "dispatch"]


class Progress:
    """How many of some intents were dispatched. Iterating it gives those.

    What is dispatched together ends at `end`: what fails after that is no effect.
    Where something fails, the next `attempted` fail: one, unless more were announced.
    """

    __slots__ = ("attempted", "done", "end", "intents")

    def __init__(self, intents: Sequence[Intent]) -> None:
        # Whoever passed them may change the list later.
        self.intents = tuple(intents)
        self.attempted = 1
        self.done = 0
        self.end = len(self.intents)

    def __iter__(self) -> Iterator[Intent]:
        return iter(self.intents[: self.done])

    def explain(self, error: BaseException) -> None:
        """Note on an error which dispatch raised it, and how many did not."""
        # An exception may refuse attributes, and must arrive all the same.
        with suppress(Exception):
            left = len(self.left)
            error.add_note(f"airlock: {self._story()}. Not attempted: {left}.")

    def _story(self) -> str:
        total, done, failed = len(self.intents), self.done, self.failed
        match len(failed):
            case 0:
                return f"the {done} effects before this had been dispatched"
            case 1:
                return (
                    f"dispatching {failed[0].name} failed, effect {done + 1} of "
                    f"{total}. Dispatched before it: {done}"
                )
            case count:
                return (
                    f"dispatching effects {done + 1} to {done + count} of {total} "
                    f"failed, of which {failed[0].name} is the first. Dispatched "
                    f"before them: {done}"
                )

    @property
    def failed(self) -> tuple[Intent, ...]:
        """What was being dispatched, once something has failed."""
        return self.intents[self.done : min(self.done + self.attempted, self.end)]

    @property
    def left(self) -> tuple[Intent, ...]:
        """What was not attempted, once something has failed."""
        return self.intents[self.done + len(self.failed) :]


def dispatch(progress: Progress, go_on: Callable[[], object], wait: Wait) -> None:
    """Dispatch the intents in order, up to the first that raises.

    Args:
        progress: The intents; it is told how far the dispatch got.
        go_on: Called before the first step, and after a fork; it may raise.
        wait: Called for what an executor returns to be awaited.
    """
    for end, bulk in _runs(progress):
        if bulk is None:
            _dispatch_each(progress, end, go_on, wait)
            continue
        with closing(_dispatch_many(bulk, end, progress, go_on)) as unfinished:
            for result in unfinished:
                wait(progress.intents[progress.done], result)


async def adispatch(progress: Progress, go_on: Callable[[], object]) -> None:
    """Do as `dispatch()` does, and await what executors return."""
    for end, bulk in _runs(progress):
        if bulk is None:
            await _adispatch_each(progress, end, go_on)
            continue
        with closing(_dispatch_many(bulk, end, progress, go_on)) as unfinished:
            for result in unfinished:
                await result


def _runs(progress: Progress) -> Iterator[Run]:
    """Yield the end of what goes one way next, and the executor that takes it at once.

    Where none does, those of another executor may begin before that end.
    """
    intents = progress.intents
    while progress.done < len(intents):
        bulk = _bulk(intents[progress.done].executor)
        if bulk is None:
            # Whoever dispatches these sees where the next executor's begin: to look
            # for it here would cost a tenth of a flush.
            yield len(intents), None
            continue
        for is_async, end in _parts(intents, progress.done):
            is_alone = end - progress.done == 1
            yield end, None if is_async or is_alone else bulk


def _parts(intents: Sequence[Intent], start: int) -> Iterator[tuple[bool, int]]:
    """Yield the end of each part of one executor's run, and whether it is async."""
    executor = intents[start].executor
    rest = (intents[position] for position in range(start, len(intents)))
    # Not ==, which may find the executors of two tenants equal.
    run = takewhile(lambda intent: intent.executor is executor, rest)
    # A coroutine function among a queue's tasks is called, and awaited, by itself.
    for is_async, part in groupby(run, lambda i: is_coroutine_function(i.task)):
        start += len(list(part))
        yield is_async, start


def _dispatch_each(
    progress: Progress, end: int, go_on: Callable[[], object], wait: Wait
) -> None:
    """Dispatch one by one, up to the first that is another executor's."""
    forks = process.forks
    go_on()
    intents = progress.intents
    executor = intents[progress.done].executor
    call = executor or sync_executor
    for position in range(progress.done, end):
        intent = intents[position]
        if intent.executor is not executor:
            return
        # Not `go_on()` each time: that costs as much as the rest of this loop.
        if process.forks != forks:
            go_on()
        result = call(intent)
        if result is not None:
            settle(intent, result, wait)
        progress.done = position + 1


async def _adispatch_each(
    progress: Progress, end: int, go_on: Callable[[], object]
) -> None:
    executor = progress.intents[progress.done].executor
    for position in range(progress.done, end):
        intent = progress.intents[position]
        if intent.executor is not executor:
            return
        go_on()
        await aexecute(intent)
        progress.done = position + 1


def _bulk(executor: Executor | None) -> BulkExecutor | None:
    # Not a plain getattr(): an object that has every attribute, as a mock does,
    # is no bulk executor.
    owner: object = executor if isinstance(executor, FunctionType) else type(executor)
    # A class says None where it takes back what its base class offers.
    is_bulk = getattr(owner, "dispatch_many", None) is not None
    return cast("BulkExecutor", executor) if is_bulk else None


def _dispatch_many(
    executor: BulkExecutor,
    end: int,
    progress: Progress,
    go_on: Callable[[], object],
) -> Generator[Awaitable[object], None, None]:
    """Dispatch them; yield what is to be awaited before the next intent's turn."""
    progress.end = end
    go_on()
    parts = executor.dispatch_many(list(progress.intents[progress.done : end]))
    if not isinstance(parts, GeneratorType):
        close_awaitable(parts)
        raise BulkDispatchError(repr(executor), f"returned {parts!r}")
    with closing(parts):
        for part in parts:
            # What was announced has been attempted.
            progress.attempted = 1
            left = end - progress.done
            count = _count(part)
            if count is None or count > left:
                close_awaitable(part)
                told = f"yielded {part!r} where {left} effects were left"
                raise BulkDispatchError(repr(executor), told)
            if isinstance(part, Awaitable):
                yield part
            if isinstance(part, Attempt):
                progress.attempted = count
            else:
                progress.done += count
            go_on()
    if progress.done != end:
        told = f"ended with {end - progress.done} effects left"
        raise BulkDispatchError(repr(executor), told)
    progress.end = len(progress.intents)


def _count(part: object) -> int | None:
    """Return for how many effects a part stands, unless it can be none."""
    if isinstance(part, Awaitable):
        return 1
    least, count = (1, part.count) if isinstance(part, Attempt) else (0, part)
    return count if isinstance(count, int) and count >= least else None
