"""A fault at every call of every hook, one after the other.

Whatever breaks, and wherever: every accepted intent has one outcome, and it is true;
no scope stays current, and the next one works.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from recording import Recorder, record
from witness import complete

import airlock
from airlock import Intent, Outcome, Scope

if TYPE_CHECKING:
    from collections.abc import Callable

HOOKS = (
    "on_enqueue",
    "allows",
    "executor",
    "should_flush",
    "before_descendant_flushes",
    "key",
)
MISSING = (Outcome.FAILED, Outcome.NOT_ATTEMPTED)
UNSETTLED = (Outcome.BUFFERED, Outcome.WAITING)


class Crash(Exception):  # noqa: N818 - a fault, not an error of airlock
    """What application code may raise."""


class Fault:
    """Raises at the n-th call of one hook."""

    def __init__(self, hook: str, n: int, kind: type[BaseException]) -> None:
        self._hook = hook
        self._left = n
        self._kind = kind

    @property
    def was_raised(self) -> bool:
        """Whether the hook was called that often."""
        return self._left <= 0

    def call(self, hook: str) -> None:
        """Note a call of a hook."""
        if hook == self._hook:
            self._left -= 1
            if self._left == 0:
                raise self._kind(hook)


class Run:
    """Three scopes inside one another, a region, and what really went."""

    def __init__(self, fault: Fault, *, is_async: bool, survives: bool) -> None:
        self.fault = fault
        self.is_async = is_async
        self.survives = survives
        self.accepted: list[object] = []
        self.tried: list[Intent] = []
        self.went: list[Intent] = []
        judge = Judge(fault)
        outer = Offering(judge, executor=self.send)
        middle = Keeping(judge, executor=self.send)
        inner = Coalescing(judge, executor=self.send, key=self.key)
        outer.fault = middle.fault = inner.fault = fault
        self.scopes: tuple[Scope, ...] = (outer, middle, inner)

    def send(self, intent: Intent) -> object:
        """Dispatch, or return what does so when it is awaited."""

        async def send_later() -> None:
            self.fault.call("executor")
            self.went.append(intent)

        self.tried.append(intent)
        if self.is_async:
            return send_later()
        self.fault.call("executor")
        self.went.append(intent)
        return None

    def key(self, intent: Intent) -> object:
        """Find effects equal that are enqueued one after the other."""
        self.fault.call("key")
        return str(intent.args[0]).partition("-")[0]

    def play(self) -> None:
        """Do what an application does: the same at each level."""
        work = self._work(list(self.scopes))
        with suppress(Crash, KeyboardInterrupt):
            complete(work)

    async def _work(self, scopes: list[Scope]) -> None:
        scope, *inside = scopes
        async with _either(scope, is_async=self.is_async):
            for name in ("a", "b", "b-again", "c", "d"):
                self._enqueue(name)
            if not inside:
                return
            try:
                with airlock.policy(Judge(self.fault)):
                    await self._work(inside)
            except (Crash, KeyboardInterrupt):
                # Some applications catch it here, and go on.
                if not self.survives:
                    raise
            self._enqueue("e")

    def _enqueue(self, name: str) -> None:
        argument = f"{name}-{len(self.accepted)}"
        airlock.enqueue(record, argument)
        self.accepted.append(argument)


class Judge:
    """A policy that blocks some."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    def on_enqueue(self, intent: Intent) -> None:
        del intent
        self._fault.call("on_enqueue")

    def allows(self, intent: Intent) -> bool:
        self._fault.call("allows")
        return not str(intent.args[0]).startswith("c")


class Offering(Scope):
    """Lets all leave."""

    fault: Fault

    def should_flush(self, error: BaseException | None) -> bool:
        self.fault.call("should_flush")
        return super().should_flush(error)

    def before_descendant_flushes(
        self, exiting_scope: Scope, intents: list[Intent]
    ) -> Any:
        self.fault.call("before_descendant_flushes")
        return super().before_descendant_flushes(exiting_scope, intents)


class Keeping(Offering):
    """Lets all but the first leave."""

    def before_descendant_flushes(
        self, exiting_scope: Scope, intents: list[Intent]
    ) -> Any:
        super().before_descendant_flushes(exiting_scope, intents)
        return intents[1:]


class Coalescing(Offering, airlock.CoalescingScope):
    """Sends equal effects once."""


class _either:  # noqa: N801 - reads as a function
    """Use a scope as `with` does, or as `async with` does."""

    def __init__(self, scope: Scope, *, is_async: bool) -> None:
        self._scope = scope
        self._is_async = is_async

    async def __aenter__(self) -> None:
        if self._is_async:
            await self._scope.__aenter__()
            return
        self._scope.__enter__()

    async def __aexit__(self, *reason: object) -> None:
        told: Any = reason
        if self._is_async:
            await self._scope.__aexit__(*told)
            return
        self._scope.__exit__(*told)


def check_the_account(run: Run) -> None:
    """Each accepted intent has one outcome, and it is what happened."""
    fates: Counter[object] = Counter()
    for scope in run.scopes:
        report = scope.report()
        assert report.counts.total() == len(scope.intents)
        assert not report.of(*UNSETTLED)
        assert scope.undispatched == report.of(*MISSING)
        fates.update(
            fate.intent.args[0]
            for fate in report.fates
            if fate.outcome is not Outcome.CAPTURED
        )
    assert fates == Counter(run.accepted)
    assert max(Counter(map(id, run.tried)).values(), default=1) == 1
    dispatched = [intent for s in run.scopes for intent in s.dispatched]
    failed = [intent for s in run.scopes for intent in s.report().of(Outcome.FAILED)]
    assert set(map(id, dispatched)) == set(map(id, run.went))
    assert set(map(id, failed)) == set(map(id, run.tried)) - set(map(id, run.went))


def check_the_next_scope() -> None:
    """Nothing of the fault is left in this thread."""
    executor = Recorder()
    assert airlock.get_current_scope() is None
    with airlock.scope(executor=executor):
        airlock.enqueue(record, "next")
    assert executor.values == ["next"]


def sweep(hook: str, make: Callable[[Fault], Run], kind: type[BaseException]) -> int:
    """Break each call of a hook in turn; return how many there were."""
    n = 0
    while True:
        n += 1
        fault = Fault(hook, n, kind)
        run = make(fault)
        run.play()
        check_the_account(run)
        check_the_next_scope()
        if not fault.was_raised:
            return n - 1


@pytest.mark.parametrize("survives", [False, True], ids=["ends", "goes on"])
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("kind", [Crash, KeyboardInterrupt])
@pytest.mark.parametrize("hook", HOOKS)
def test_the_account_balances_after_each_fault_in(
    hook: str, kind: type[BaseException], *, is_async: bool, survives: bool
) -> None:
    """An effect that is lost, or told wrongly, is found by nobody else."""

    def make(fault: Fault) -> Run:
        return Run(fault, is_async=is_async, survives=survives)

    assert sweep(hook, make, kind) > 2


def test_a_run_without_a_fault_reaches_every_outcome() -> None:
    """What never happens in the run cannot go wrong in it either."""
    run = Run(Fault("none", 1, Crash), is_async=False, survives=False)

    run.play()

    counts = sum((scope.report().counts for scope in run.scopes), Counter())
    assert set(counts) == {
        Outcome.DISPATCHED,
        Outcome.BLOCKED,
        Outcome.COALESCED,
        Outcome.CAPTURED,
    }
