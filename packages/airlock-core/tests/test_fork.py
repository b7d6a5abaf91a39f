"""After `os.fork`, the scopes of the parent process are void in the child."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
import warnings
from contextvars import copy_context
from typing import TYPE_CHECKING

import pytest
from forking import PATIENCE, Log, fork_and
from recording import record

import airlock
from airlock import Intent, Scope
from airlock._process import process

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no os.fork"),
    # Python 3.12 and up warn of every thread, also an idle one of another test.
    pytest.mark.filterwarnings(
        "ignore:.*multi-threaded, use of fork:DeprecationWarning"
    ),
]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """Return an executor whose effects are seen across processes."""
    return Log(tmp_path / "log")


def test_a_block_left_in_the_child_dispatches_nothing(log: Log) -> None:
    """Both processes leave the same `with`; the effects are the parent's.

    Guards against a scope that knows nothing of processes: all would leave twice.
    """
    parent = os.getpid()
    ended: list[int] = []

    def both_leave() -> None:
        with airlock.scope(executor=log):
            airlock.enqueue(record, "parent")
            child = os.fork()
            if child:
                ended.append(os.waitpid(child, 0)[1])

    try:
        both_leave()
    finally:
        if os.getpid() != parent:
            os._exit(0)

    assert ended == [0]
    assert log.lines == ["parent"]


def test_an_inherited_scope_can_do_nothing_in_the_child(log: Log) -> None:
    """Each call says so, and the parent's own still work afterwards."""
    s = Scope(executor=log).enter()
    airlock.enqueue(record, "parent")
    exited = Scope(executor=log).enter()
    airlock.enqueue(record, "parent too")
    exited.exit()

    def child() -> None:
        assert airlock.get_current_scope() is None
        with pytest.raises(airlock.ScopeClosedError):
            airlock.enqueue(record, "child")
        for end in (exited.flush, exited.discard, s.exit, s.flush, s.enter):
            with pytest.raises(airlock.ScopeStateError, match="parent process"):
                end()

    assert fork_and(child) == 0
    s.exit()
    s.flush()
    exited.flush()
    assert log.lines == ["parent", "parent", "too"]


def test_the_child_may_open_scopes_of_its_own(log: Log) -> None:
    """They flush to their executor, and never into an inherited scope."""

    def child() -> None:
        with airlock.scope(executor=log):
            airlock.enqueue(record, "child")
        assert airlock.get_current_scope() is None

    with airlock.scope(executor=log, _cls=airlock.CapturingScope) as s:
        airlock.enqueue(record, "parent")
        assert fork_and(child) == 0
        assert log.lines == ["child"]

    assert log.lines == ["child", "parent"]
    assert [intent.args for intent in s.intents] == [("parent",)]


@pytest.mark.parametrize("is_current", [True, False])
def test_a_lock_held_elsewhere_at_the_fork_does_not_hang_the_child(
    log: Log, *, is_current: bool
) -> None:
    """The thread that held it is not there to let go.

    Guards against asking the lock first, and against a fresh lock for the current
    scope alone: then the child is killed by its alarm.
    """
    s = Scope(executor=log).enter()
    airlock.enqueue(record, "parent")
    if not is_current:
        s.exit()
    is_held, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        with s._lock:
            is_held.set()
            may_go.wait()

    def child() -> None:
        with pytest.raises(airlock.ScopeClosedError):
            s._add(Intent(record))
        with pytest.raises(airlock.ScopeStateError):
            s.flush()

    holder = threading.Thread(target=hold)
    holder.start()
    is_held.wait()
    status = fork_and(child)
    may_go.set()
    holder.join()
    if is_current:
        s.exit()
    s.flush()

    assert status == 0
    assert log.lines == ["parent"]


def test_an_inherited_scope_that_the_child_forgets_is_not_abandoned() -> None:
    """It is the parent's to end: a warning in the child would mislead."""
    scopes = [Scope().enter()]
    airlock.enqueue(record)
    scopes[0].exit()

    def child() -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            scopes.clear()
            gc.collect()
        # Of ours alone: the collector also finds what earlier tests left behind.
        assert [w for w in caught if "abandoned" in str(w.message)] == []

    assert fork_and(child) == 0
    scopes[0].discard()


def work_in_a_process(log: Log) -> None:
    """Be the target of a process: enqueue nowhere, then in a scope of its own."""
    with pytest.raises(airlock.ScopeClosedError):
        airlock.enqueue(record, "lost")
    with airlock.scope(executor=log):
        airlock.enqueue(record, "child")


def test_processes_of_multiprocessing_are_on_their_own(log: Log) -> None:
    """A pool of forked workers is the commonest fork of all."""
    forking = multiprocessing.get_context("fork")

    with airlock.scope(executor=log):
        airlock.enqueue(record, "parent")
        workers = [
            forking.Process(target=work_in_a_process, args=(log,)) for _ in range(3)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(PATIENCE)

    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert log.lines == ["child", "child", "child", "parent"]


def test_a_fork_voids_every_scope_made_before_it() -> None:
    """What the child sees, seen here, where it can be looked at closely."""
    seen: list[Intent] = []

    class Counting(airlock.Policy):
        def on_enqueue(self, intent: Intent) -> None:
            seen.append(intent)

    def see() -> Scope:
        s = Scope(Counting()).enter()
        airlock.enqueue(record)
        seen.clear()
        process.forget_the_parent()
        with pytest.raises(airlock.ScopeClosedError):
            airlock.enqueue(record)
        assert seen == []
        with pytest.raises(airlock.ScopeClosedError):
            s._accept(Intent(record))
        with pytest.raises(airlock.ScopeStateError, match="parent process"):
            s.exit()
        with airlock.scope() as own:
            airlock.enqueue(record, "own")
        assert own.is_flushed
        return s

    s = copy_context().run(see)

    assert not s.is_active
    assert not s.is_flushed


def test_an_enqueue_in_the_child_says_whose_scope_it_is(log: Log) -> None:
    """Waiting for threads, as another closed scope needs, would help nobody here."""

    def enqueue_late() -> None:
        with pytest.raises(airlock.ForkedScopeError, match="child process"):
            airlock.enqueue(record, 1)
        with pytest.raises(airlock.ForkedScopeError, match="child process"):
            s._add(Intent(record))

    with airlock.scope(executor=log) as s:
        assert fork_and(enqueue_late) == 0


def test_a_scope_of_the_parent_stays_current_when_another_like_it_is_left() -> None:
    """They compare equal, and only one of them was left in the child."""

    class Equal(Scope):
        def __eq__(self, other: object) -> bool:
            return isinstance(other, Equal)

        __hash__ = Scope.__hash__

    def leave_the_outer_one() -> None:
        with pytest.raises(airlock.ScopeStateError):
            outer.exit()
        with pytest.raises(airlock.ForkedScopeError):
            airlock.enqueue(record)

    with Equal() as outer, Equal():
        assert fork_and(leave_the_outer_one) == 0
