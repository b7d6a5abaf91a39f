"""Scopes of the parent process, asked in what takes itself for the child.

`test_fork.py` forks in earnest; what a child does is not measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from recording import Recorder, record

import airlock
from airlock import Intent, Scope
from airlock._process import process

if TYPE_CHECKING:
    from collections.abc import Callable

    Fork = Callable[[], None]


@pytest.fixture
def fork(monkeypatch: pytest.MonkeyPatch) -> Fork:
    """Go on as the child of a fork would."""
    return lambda: monkeypatch.setattr(process, "forks", process.forks + 1)


def test_an_inherited_scope_accepts_nothing(fork: Fork) -> None:
    """The parent dispatches; what the child adds would be lost."""
    with airlock.scope() as s:
        fork()

        with pytest.raises(airlock.ScopeClosedError):
            airlock.enqueue(record)
        with pytest.raises(airlock.ScopeClosedError):
            s._add(Intent(record))
        assert airlock.get_current_scope() is None


def test_leaving_an_inherited_scope_dispatches_nothing(
    fork: Fork, executor: Recorder
) -> None:
    """Its effects are the parent's: twice would be once too often."""
    with airlock.scope(executor=executor):
        airlock.enqueue(record, 1)
        fork()

    assert executor.intents == []
    with pytest.raises(airlock.NoScopeError, match="outside a scope"):
        airlock.enqueue(record, 2)


@pytest.mark.parametrize("verb", ["exit", "flush", "discard"])
def test_an_inherited_scope_says_whose_it_is(fork: Fork, verb: str) -> None:
    """Calling it by hand is a mistake of the child."""
    s = Scope().enter()
    airlock.enqueue(record)
    fork()

    with pytest.raises(airlock.ScopeStateError, match="belongs to the parent process"):
        getattr(s, verb)()

    [fate] = s.report().fates
    assert (fate.outcome.value, fate.reason) == (
        "discarded",
        "it is the parent process's",
    )


def test_an_inherited_scope_need_not_be_current(fork: Fork) -> None:
    """One that was filled and never entered is the parent's as well."""
    s = Scope()
    with airlock.scope() as current:
        fork()
        with pytest.raises(airlock.ScopeStateError, match="parent process"):
            s.flush()

    assert not current.is_flushed


def test_a_fork_in_the_middle_of_a_flush_ends_it_in_the_child(fork: Fork) -> None:
    """The parent goes on; the child must not send the rest as well."""
    carried: list[object] = []

    def forking(intent: Intent) -> None:
        carried.append(intent.args)
        fork()

    with (
        pytest.raises(airlock.ScopeStateError, match="go on to flush"),
        airlock.scope(executor=forking),
    ):
        airlock.enqueue(record, 1)
        airlock.enqueue(record, 2)

    assert carried == [(1,)]


def test_the_child_has_scopes_of_its_own(fork: Fork, executor: Recorder) -> None:
    """A worker that was forked goes on working."""
    with airlock.scope():
        fork()
        with airlock.scope(executor=executor):
            airlock.enqueue(record, 1)

    assert executor.values == [1]
