"""The account: one outcome per intent, and a text that says why."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

import pytest
from recording import Recorder, record

import airlock
from airlock import Intent, Outcome, Scope


def line() -> int:
    """The line of the caller."""
    return sys._getframe(1).f_lineno


def outcomes(scope: Scope) -> list[str]:
    """The outcome of each intent, in order."""
    return [fate.outcome.value for fate in scope.report().fates]


def reasons(scope: Scope) -> list[str]:
    """The reason of each outcome, in order."""
    return [fate.reason for fate in scope.report().fates]


def broken_at(number: int) -> Recorder:
    """Make an executor that raises when that number is to be dispatched."""

    class Broken(Recorder):
        def __call__(self, intent: Intent) -> None:
            if intent.args == (number,):
                raise ConnectionError("broker away")
            super().__call__(intent)

    return Broken()


def test_what_left_is_dispatched(executor: Recorder) -> None:
    """The ordinary case."""
    with airlock.scope(executor=executor) as s:
        airlock.enqueue(record, 1)
        airlock.enqueue(record, 2)

    assert outcomes(s) == ["dispatched", "dispatched"]
    assert s.dispatched == executor.intents
    assert s.undispatched == []


def test_what_waits_in_an_open_scope_is_buffered() -> None:
    """A report may be asked for at any time."""
    with airlock.scope() as s:
        airlock.enqueue(record)

        assert outcomes(s) == ["buffered"]
        s.exit()
        assert outcomes(s) == ["buffered"]


def test_what_a_policy_refused_is_blocked_by_it(executor: Recorder) -> None:
    """Local or the scope's, and which."""
    with airlock.scope(airlock.BlockTasks({"print"}), executor=executor) as s:
        airlock.enqueue(record, 1)
        airlock.enqueue(print)
        with airlock.policy(airlock.DropAll()):
            airlock.enqueue(record, 2)
            airlock.enqueue(record, 3)

    assert outcomes(s) == ["dispatched", "blocked", "blocked", "blocked"]
    assert reasons(s)[1:] == [
        "by BlockTasks, the scope's policy",
        "by DropAll, a policy() around the enqueue",
        "by DropAll, a policy() around the enqueue",
    ]


def test_a_composite_policy_is_named_with_those_inside_it() -> None:
    """One of them refused; which, its reader can tell from the task."""

    class Own(airlock.Policy):
        policies = "no tuple of policies"

        def allows(self, intent: Intent) -> bool:
            return intent.task is record

    together = airlock.CompositePolicy(airlock.AllowAll(), Own())
    with airlock.scope(together) as s:
        airlock.enqueue(print)

    assert reasons(s) == ["by CompositePolicy(AllowAll, Own), the scope's policy"]


def test_what_a_failed_block_dropped_is_discarded_with_its_error() -> None:
    """The exception is told, and not kept: it would hold its frames."""
    with pytest.raises(ValueError, match="boom"), airlock.scope() as s:
        airlock.enqueue(record)
        raise ValueError("boom")

    assert outcomes(s) == ["discarded"]
    assert reasons(s) == ["ValueError: boom"]


def test_what_was_discarded_by_hand_is_discarded() -> None:
    """Nobody said why."""
    s = Scope().enter()
    airlock.enqueue(record)
    s.exit()
    s.discard()

    assert outcomes(s) == ["discarded"]
    assert reasons(s) == [""]


def test_a_subclass_that_says_no_is_named_as_the_reason() -> None:
    """`should_flush` decided, and nothing failed."""

    class Never(Scope):
        def should_flush(self, error: BaseException | None) -> bool:
            del error
            return False

    with airlock.scope(_cls=Never) as s:
        airlock.enqueue(record)

    assert reasons(s) == ["should_flush() said no"]


def test_an_undecided_subclass_discards_with_its_error() -> None:
    """The reason is the failure to decide."""

    class Undecided(Scope):
        def should_flush(self, error: BaseException | None) -> bool:
            raise LookupError("undecided") from error

    with pytest.raises(LookupError), airlock.scope(_cls=Undecided) as s:
        airlock.enqueue(record)

    assert outcomes(s) == ["discarded"]
    assert reasons(s) == ["LookupError: undecided"]


def test_a_failed_dispatch_tells_what_went_and_what_did_not() -> None:
    """Exactly one failed; what came before it went, what came after did not."""
    executor = broken_at(2)
    with pytest.raises(ConnectionError), airlock.scope(executor=executor) as s:
        for number in (1, 2, 3):
            airlock.enqueue(record, number)

    assert outcomes(s) == ["dispatched", "failed", "not attempted"]
    assert reasons(s)[1:] == ["ConnectionError: broker away", "after the failure"]
    assert [intent.args for intent in s.dispatched] == [(1,)]
    assert [intent.args for intent in s.undispatched] == [(2,), (3,)]


def test_a_policy_that_fails_at_flush_leaves_all_unattempted() -> None:
    """Nothing was dispatched: judging comes before."""

    class Broken(airlock.Policy):
        def allows(self, intent: Intent) -> bool:
            raise LookupError(intent.name)

    with pytest.raises(LookupError), airlock.scope(Broken()) as s:
        airlock.enqueue(record)

    assert outcomes(s) == ["not attempted"]
    assert reasons(s) == ["LookupError: recording:record"]


def test_what_was_blocked_before_such_a_failure_stays_blocked() -> None:
    """By whom is what its reader wants to know."""

    class Undecided(Scope):
        def before_descendant_flushes(self, *_: object) -> Any:
            raise RuntimeError("undecided")

    no_print = airlock.policy(airlock.BlockTasks([print]))
    with pytest.raises(RuntimeError), airlock.scope(_cls=Undecided):  # noqa: SIM117
        with airlock.scope(airlock.BlockTasks([record])) as inner, no_print:
            airlock.enqueue(print)
            airlock.enqueue(record)
            airlock.enqueue(len, "would leave")

    assert outcomes(inner) == ["blocked", "blocked", "not attempted"]


def test_an_error_that_cannot_be_shown_settles_the_scope() -> None:
    """An exception's text may raise, and must not replace the exception."""

    class Mute(Exception):  # noqa: N818 - only its text matters
        def __str__(self) -> str:
            raise AttributeError("no response")

    with pytest.raises(Mute), airlock.scope() as s:
        airlock.enqueue(record)
        raise Mute

    assert s.is_discarded
    assert reasons(s) == ["Mute whose text raised AttributeError"]


def test_the_text_answers_why_it_did_not_fire() -> None:
    """For a reader who did not write the code."""
    blocking = airlock.BlockTasks({"print"})
    with (
        airlock.configure(call_sites=True),
        pytest.raises(ConnectionError),
        airlock.scope(blocking, executor=broken_at(3)) as s,
    ):
        first = line() + 1
        airlock.enqueue(record, 1, key="word")
        airlock.enqueue(print, 2)
        airlock.enqueue(record, 3)
        airlock.enqueue(record, 4)

    counts = "1 dispatched, 1 blocked, 1 failed, 1 not attempted"
    blocked = "builtins:print(2): by BlockTasks, the scope's policy"
    missed = "recording:record(4): after the failure"
    failed = "recording:record(3): ConnectionError: broker away"
    assert str(s.report()).replace(__file__, "shop.py").splitlines() == [
        f"<Scope with 4 intents, flushed>: {counts}",
        f"  1. dispatched     recording:record(1, key='word') (at shop.py:{first})",
        f"  2. blocked        {blocked} (at shop.py:{first + 1})",
        f"  3. failed         {failed} (at shop.py:{first + 2})",
        f"  4. not attempted  {missed} (at shop.py:{first + 3})",
    ]


def test_an_empty_scope_has_an_empty_report() -> None:
    """Most requests; the text says so."""
    with airlock.scope() as s:
        pass

    assert str(s.report()) == "<Scope with 0 intents, flushed>: nothing was enqueued"


def test_an_argument_that_cannot_be_shown_does_not_break_the_report() -> None:
    """The account matters most when things are broken."""

    class Secretive:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    with airlock.scope("drop_all") as s:
        airlock.enqueue(record, Secretive())

    assert "record(<Secretive whose repr raised RuntimeError>)" in str(s.report())


def test_counts_add_up_to_the_intents() -> None:
    """The conservation law, in its simplest case."""
    with airlock.scope(airlock.BlockTasks({"print"})) as s:
        airlock.enqueue(record)
        airlock.enqueue(print)

    report = s.report()
    assert report.counts == {Outcome.DISPATCHED: 1, Outcome.BLOCKED: 1}
    assert report.counts.total() == len(s.intents)
    assert [intent.task for intent in report.of(Outcome.BLOCKED)] == [print]


def test_a_reason_of_several_lines_is_told_in_one() -> None:
    """Databases explain their errors over several lines; each effect has one."""

    def executor(intent: Intent) -> None:
        raise ValueError(f"no {intent.name}\nDETAIL:  gone")

    with suppress(ValueError), airlock.scope(executor=executor) as s:
        airlock.enqueue(record)

    assert len(str(s.report()).splitlines()) == 2
    assert "ValueError: no recording:record DETAIL: gone" in str(s.report())
    assert reasons(s) == ["ValueError: no recording:record\nDETAIL:  gone"]


def test_the_error_tells_which_effect_failed() -> None:
    """As it does where the base class dispatches."""

    class InTurn(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            for intent in intents:
                airlock._execute(intent)

    with (
        pytest.raises(ConnectionError) as caught,
        airlock.scope(executor=broken_at(2), _cls=InTurn),
    ):
        for number in (1, 2, 3):
            airlock.enqueue(record, number)

    [note] = caught.value.__notes__
    assert note.startswith("airlock: dispatching recording:record failed, effect 2 of")
    assert note.endswith("of 3. Dispatched before it: 1.")
