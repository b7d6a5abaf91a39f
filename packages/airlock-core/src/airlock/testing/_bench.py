"""What the rules of the contract are tried on: scopes, and what became of them."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from unittest import SkipTest

import airlock
from airlock.testing._hooks import ExecutorHooks, Run, record, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ContractBench", "expect", "expect_equal", "need"]

T = TypeVar("T")


class ContractBench(ExecutorHooks):
    """Sends effects through the executor, and compares what became of them."""

    def setup_method(self) -> None:
        """Forget earlier runs. If you override it, call it."""
        runs.clear()

    def _scope(
        self, policy: airlock.Policy | None = None, *, verify: bool = False
    ) -> airlock.Scope:
        # Everything is said, whatever defaults the process has.
        return airlock.scope(
            policy or airlock.AllowAll(),
            executor=self.executor(),
            verify=verify,
            _cls=airlock.Scope,
        )

    @contextmanager
    def _within(self, scope: airlock.Scope) -> Iterator[None]:
        """Enter the scope, and await what its executor returns if that is async."""
        if not self.is_async:
            with scope:
                yield
            return
        scope.enter()
        try:
            yield
        except BaseException:
            scope.exit()
            scope.discard()
            raise
        scope.exit()
        asyncio.run(_flushed(scope))

    def _raised(
        self, scope: airlock.Scope, enqueue: Callable[[], object]
    ) -> Exception | None:
        try:
            with self._within(scope):
                enqueue()
        except Exception as error:  # noqa: BLE001 - whatever the queue raises
            return error
        return None

    def _expect_runs(self, *expected: Run) -> None:
        __tracebackhide__ = True
        self.drain()
        expect_equal(self.ran(), list(expected), "These are the runs so far:")

    def _expect_failure(self, enqueue: Callable[[Any], object]) -> Exception:
        """Enqueue a failure between two effects; return what the flush raised."""
        __tracebackhide__ = True
        task = self.make_task(record)
        scope = self._scope()

        def enqueue_three() -> None:
            airlock.enqueue(task, 1)
            enqueue(task)
            airlock.enqueue(task, 3)

        error = self._raised(scope, enqueue_three)
        if error is None:
            raise AssertionError("The executor must raise, and raised nothing.")
        first, *others = scope.intents
        expect_equal(
            scope.dispatched, [first], f"{error!r} comes of the second effect."
        )
        expect_equal(scope.undispatched, others, f"{error!r} ends the flush.")
        notes = [
            note for note in getattr(error, "__notes__", ()) if "airlock: " in note
        ]
        has_note = any(others[0].name in note for note in notes)
        expect(has_note, f"{error!r} must tell, in a note, which effect it was.")
        self._expect_runs(((1,), {}))
        return error

    def _need_check(self) -> None:
        executor = airlock.resolve_executor(self.executor())
        need(getattr(executor, "check", None), "a check() of the executor")

    def _expect_refusal(self, task: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        __tracebackhide__ = True
        scope = self._scope(verify=True)
        error = self._raised(scope, lambda: airlock.enqueue(task, *args, **kwargs))
        given = airlock.Intent(task, args, kwargs)
        if error is None or scope.intents:
            raise AssertionError(f"check() must raise for {given!r}, and did not.")
        expect(
            given.name in str(error),
            f"{error!r} of check() must name the task, {given.name!r}.",
        )
        self._expect_runs()


async def _flushed(scope: airlock.Scope) -> None:
    await scope.aflush()


def need(declared: T | None, name: str) -> T:
    """Skip the rule, visibly, if it is about something that is not there."""
    if not declared:
        raise SkipTest(f"not declared: {name}")
    return declared


def expect(condition: object, rule: str) -> None:
    """Fail with a text. Not `assert`: pytest would not explain it, -O removes it."""
    __tracebackhide__ = True
    if not condition:
        raise AssertionError(rule)


def expect_equal(found: object, expected: object, rule: str) -> None:
    """Fail with a text that shows both."""
    __tracebackhide__ = True
    expect(found == expected, f"{rule} Expected {expected!r}, got {found!r}.")
