"""Exceptions that arrive half way into a region, a thread or another scope."""

from __future__ import annotations

from typing import Any

import pytest
from interrupting import Interrupted, TimeLimit
from recording import record

import airlock
import airlock._carry
import airlock._region
from airlock import Intent, Outcome, Scope
from airlock._context import current_region, current_scope


def test_an_interrupted_entry_of_a_region_leaves_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No exit follows, and a DropAll would silence all later work of the thread."""
    region = airlock.policy(airlock.DropAll())
    monkeypatch.setattr(airlock._region, "current_region", Interrupted(current_region))

    with pytest.raises(TimeLimit):
        region.__enter__()

    assert current_region.get()[0] == ()


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (airlock._region, "current_region"),
        (airlock.LocalPolicy, "_leave"),
        (airlock._region, "_without"),
    ],
)
def test_an_interrupted_exit_of_a_region_ends_it(
    where: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As above, wherever in the exit the signal arrives."""

    class Signal:
        def __call__(self, *_: object) -> Any:
            monkeypatch.undo()
            raise TimeLimit

        get = __call__

    region = airlock.policy(airlock.DropAll())
    region.__enter__()
    monkeypatch.setattr(where, name, Signal())

    with pytest.raises(TimeLimit):
        region.__exit__(None, None, None)

    assert current_region.get()[0] == ()


def test_a_region_knows_its_context_also_after_an_interruption(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asking uses up what tells that, and the signal arrives before it is anew."""
    region = airlock.policy(airlock.DropAll())
    region.__enter__()
    variable = Interrupted(airlock._region._entered)
    monkeypatch.setattr(airlock._region, "_entered", variable)

    with pytest.raises(TimeLimit):
        region.__exit__(None, None, None)

    assert current_region.get()[0] == ()


@pytest.mark.parametrize("nth", [1, 2])
def test_an_interrupted_carried_call_leaves_the_thread_as_it_was(
    nth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the way in, and on the way out."""
    with airlock.scope(), airlock.policy(airlock.DropAll()):
        carried = airlock.carry(record)
    make_current, calls = airlock._carry._make_current, []
    before = current_scope.get()

    def interrupted(*place: Any) -> None:
        calls.append(place)
        current_scope.set(place[0])
        if len(calls) == nth:
            raise TimeLimit
        make_current(*place)

    monkeypatch.setattr(airlock._carry, "_make_current", interrupted)

    with pytest.raises(TimeLimit):
        carried()

    assert current_scope.get() is before
    assert current_region.get()[0] == ()


def test_an_effect_whose_capture_is_interrupted_has_one_fate() -> None:
    """Repeating what is undispatched must not double what the outer scope sends."""

    class Interruptible(airlock.CapturingScope):
        def _accept(self, intent: Intent) -> None:
            super()._accept(intent)
            raise TimeLimit

    with airlock.scope(_cls=Interruptible) as outer:
        inner = Scope().enter()
        airlock.enqueue(record)
        inner.exit()
        with pytest.raises(TimeLimit):
            inner.flush()

    assert outer.intents == []
    assert inner.report().counts == {Outcome.NOT_ATTEMPTED: 1}
