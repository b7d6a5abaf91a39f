"""The account of subclasses that dispatch in their own way."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from recording import Recorder, record

import airlock
from airlock import Intent, Outcome, Scope

if TYPE_CHECKING:
    from collections.abc import Callable


def outcomes(scope: Scope) -> list[str]:
    """The outcome of each intent, in order."""
    return [fate.outcome.value for fate in scope.report().fates]


def broken_at(number: int) -> Recorder:
    """Make an executor that raises when that number is to be dispatched."""

    class Broken(Recorder):
        def __call__(self, intent: Intent) -> None:
            if intent.args == (number,):
                raise ConnectionError("broker away")
            super().__call__(intent)

    return Broken()


def test_a_subclass_that_dispatches_its_own_way_has_dispatched() -> None:
    """It took what it was given, and did not complain."""

    class Outbox(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            del intents

    with airlock.scope(_cls=Outbox) as s:
        airlock.enqueue(record)

    assert outcomes(s) == ["dispatched"]


def test_a_subclass_that_fails_its_own_way_has_failed() -> None:
    """How far it got is known only to itself."""

    class Outbox(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            raise OSError(f"disk full before {len(intents)}")

    with pytest.raises(OSError, match="disk full"), airlock.scope(_cls=Outbox) as s:
        airlock.enqueue(record)

    assert outcomes(s) == ["failed"]
    assert s.report().fates[0].reason == "OSError: disk full before 1"


def test_a_subclass_that_dispatches_one_by_one_has_a_true_account() -> None:
    """Repeating what is undispatched must not double what went."""

    class OneByOne(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            for intent in intents:
                airlock._execute(intent)

    executor = broken_at(2)
    with (
        pytest.raises(ConnectionError),
        airlock.scope(executor=executor, _cls=OneByOne) as s,
    ):
        for number in (1, 2, 3):
            airlock.enqueue(record, number)

    assert outcomes(s) == ["dispatched", "failed", "not attempted"]
    assert [intent.args for intent in s.undispatched] == [(2,), (3,)]


def test_what_a_subclass_leaves_out_was_not_attempted(executor: Recorder) -> None:
    """Conditional dispatch, by the base class or one by one."""

    class OnlyOdd(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            super()._dispatch_all([i for i in intents if i.args[0] % 2])

    class OnlyFirst(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            airlock._execute(intents[0])

    for kind in (OnlyOdd, OnlyFirst):
        with airlock.scope(executor=executor, _cls=kind) as s:
            airlock.enqueue(record, 1)
            airlock.enqueue(record, 2)

        assert outcomes(s) == ["dispatched", "not attempted"]


def test_a_subclass_may_mark_outcomes_of_its_own(executor: Recorder) -> None:
    """What waits for a commit has not left; when it leaves, the mark changes."""
    later: list[list[Intent]] = []

    class Deferred(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            self._mark(Outcome.WAITING, intents, "for the commit")
            later.append(intents)

        def commit(self) -> None:
            super()._dispatch_all(later.pop())

    with airlock.scope(executor=executor, _cls=Deferred) as s:
        airlock.enqueue(record, 1)
    assert outcomes(s) == ["waiting"]
    assert [intent.args for intent in s.undispatched] == [(1,)]

    s.commit()
    assert outcomes(s) == ["dispatched"]


def test_a_plain_override_dispatches_in_an_async_scope_too() -> None:
    """A subclass that defers or batches decides, however it was entered."""
    taken: list[Intent] = []

    class Outbox(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            taken.extend(intents)

    async def main() -> Scope:
        async with airlock.scope(_cls=Outbox) as s:
            airlock.enqueue(record, 1)
        return s

    s = asyncio.run(main())

    assert taken == s.intents
    assert outcomes(s) == ["dispatched"]


def test_a_plain_override_that_meets_an_awaitable_says_what_to_override() -> None:
    """`async with` is what the caller wrote already."""

    class Plain(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            super()._dispatch_all(intents)

    async def send() -> None: ...

    async def main() -> None:
        async with airlock.scope(_cls=Plain):
            airlock.enqueue(send)

    told = "Dispatching .*:.*send returned .* override _adispatch_all"
    with pytest.raises(airlock.AsyncDispatchError, match=told):
        asyncio.run(main())


def test_an_effect_that_was_deferred_by_hand_is_no_matter_of_another_scope() -> None:
    """Its account would say that its own effects were never attempted."""
    deferred: list[Intent] = []

    class Deferring(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            deferred.extend(intents)

    class Outbox(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            assert intents
            for intent in deferred:
                airlock._execute(intent)

    executor = Recorder()
    with airlock.scope(executor=executor, _cls=Deferring):
        airlock.enqueue(record, "deferred")
    with airlock.scope(_cls=Outbox) as s:
        airlock.enqueue(record, "own")

    assert executor.values == ["deferred"]
    assert outcomes(s) == ["dispatched"]


def emptied(intents: list[Intent]) -> None:
    """Dispatch what a queue holds, and empty it."""
    while intents:
        airlock._execute(intents.pop(0))


def cleared(scope: Scope, intents: list[Intent]) -> None:
    """Dispatch as the base class does, and tidy up."""
    Scope._dispatch_all(scope, intents)
    intents.clear()


@pytest.mark.parametrize(
    "dispatch", [lambda _, intents: emptied(intents), cleared], ids=["pops", "clears"]
)
def test_a_subclass_may_empty_the_list_that_it_is_given(
    dispatch: Callable[[Scope, list[Intent]], None], executor: Recorder
) -> None:
    """What went must not be told to be undispatched, and be sent again."""

    class Emptying(Scope):
        _dispatch_all = dispatch  # type: ignore[assignment]

    with airlock.scope(executor=executor, _cls=Emptying) as s:
        airlock.enqueue(record, 1)
        airlock.enqueue(record, 2)

    assert executor.values == [1, 2]
    assert outcomes(s) == ["dispatched", "dispatched"]


def test_the_caller_may_empty_what_flush_returns(executor: Recorder) -> None:
    """It is a list like any other."""
    s = Scope(executor=executor).enter()
    airlock.enqueue(record)
    s.exit()

    s.flush().clear()

    assert outcomes(s) == ["dispatched"]


def test_a_subclass_that_goes_on_after_a_failure_has_a_true_account() -> None:
    """Isolating failures is the first thing that some applications want."""

    class GoingOn(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            for intent in intents:
                with suppress(ConnectionError):
                    airlock._execute(intent)

    with airlock.scope(executor=broken_at(2), _cls=GoingOn) as s:
        for number in (1, 2, 3, 2):
            airlock.enqueue(record, number)

    assert outcomes(s) == ["dispatched", "failed", "dispatched", "failed"]
    assert s.report().fates[1].reason == "ConnectionError: broker away"


def test_a_later_attempt_of_a_subclass_may_succeed() -> None:
    """The last word counts."""
    is_broken = [True, False]

    def executor(_: Intent) -> None:
        if is_broken.pop(0):
            raise ConnectionError("broker away")

    class Retrying(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            with suppress(ConnectionError):
                airlock._execute(intents[0])
            airlock._execute(intents[0])

    with airlock.scope(executor=executor, _cls=Retrying) as s:
        airlock.enqueue(record)

    assert outcomes(s) == ["dispatched"]


def test_a_report_in_the_middle_of_such_a_flush_is_true() -> None:
    """A monitor asks from another thread, while the broker is slow."""
    told: list[list[str]] = []

    class OneByOne(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            for intent in intents:
                airlock._execute(intent)
                told.append(outcomes(self))

    with airlock.scope(_cls=OneByOne):
        airlock.enqueue(record)
        airlock.enqueue(record)

    assert told == [["dispatched", "not attempted"], ["dispatched", "dispatched"]]


def test_the_last_of_several_failures_is_reported() -> None:
    """It is the one that was given up for."""
    errors = [ConnectionError("refused"), TimeoutError("too slow")]

    def executor(intent: Intent) -> None:
        del intent
        raise errors.pop(0)

    class Retrying(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            with suppress(ConnectionError):
                airlock._execute(intents[0])
            airlock._execute(intents[0])

    with (
        pytest.raises(TimeoutError),
        airlock.scope(executor=executor, _cls=Retrying) as s,
    ):
        airlock.enqueue(record)

    assert s.report().fates[0].reason == "TimeoutError: too slow"
