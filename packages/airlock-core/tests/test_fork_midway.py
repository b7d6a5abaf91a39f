"""Forks in the middle of something: a flush, or a lock held elsewhere."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest
from forking import PATIENCE, Log, fork_and
from recording import record

import airlock
from airlock import Intent, Scope
from airlock._lock import Lock, _renew_all

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


def test_a_lock_that_a_thread_held_at_the_fork_is_free_in_the_child(log: Log) -> None:
    """The thread is not there to let go of it, and the child would wait for ever."""
    limit = airlock.MaxEffects(5)
    is_held, may_go = threading.Event(), threading.Event()

    class Slow(str):
        """A name that takes its time to be counted, under the policy's lock."""

        __slots__ = ()

        def __hash__(self) -> int:
            if threading.current_thread() is not threading.main_thread():
                is_held.set()
                may_go.wait(PATIENCE)
            return super().__hash__()

        __eq__ = str.__eq__

    def task(_: str) -> None: ...

    task.name = Slow("slow")  # type: ignore[attr-defined]

    def enqueue_slowly() -> None:
        with airlock.scope(limit, executor=log):
            airlock.enqueue(task, "parent")

    def enqueue_in_the_child() -> None:
        with airlock.configure(verify=False), airlock.scope(limit, executor=log):
            airlock.enqueue(record, "child")

    thread = threading.Thread(target=enqueue_slowly)
    thread.start()
    assert is_held.wait(PATIENCE)
    code = fork_and(enqueue_in_the_child)
    may_go.set()
    thread.join()

    assert code == 0
    assert log.lines == ["child", "parent"]


def test_a_fork_in_a_flush_by_hand_leaves_the_rest_to_the_parent(log: Log) -> None:
    """The loop over `_execute` is how subclasses dispatch, and it runs on in both."""

    class ByHand(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            for intent in intents:
                airlock._execute(intent)

    children: list[int] = []

    def executor(intent: Intent) -> None:
        log(intent)
        if intent.args == ("fork",):
            children.append(os.fork())

    scope = ByHand(executor=executor).enter()
    for value in ("first", "fork", "last"):
        airlock.enqueue(record, value)
    scope.exit()
    code = 1
    try:
        scope.flush()
    except airlock.ScopeStateError:
        code = 0
    finally:
        if children == [0]:
            os._exit(code)

    assert os.waitpid(children[0], 0)[1] == 0
    assert log.lines == ["first", "fork", "last"]


def test_renewing_the_locks_frees_them() -> None:
    """What the child does first, seen here, where it can be looked at closely."""
    lock = Lock()
    is_held, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        held = lock._lock
        with held:
            is_held.set()
            may_go.wait(PATIENCE)

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_held.wait(PATIENCE)

    _renew_all()
    is_free = lock._lock.acquire(blocking=False)

    may_go.set()
    thread.join()
    assert is_free


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_in_a_policy_dispatches_in_the_parent_alone() -> None:
    """Also where the scope dispatches in its own way."""
    read, write = os.pipe()
    children = []

    class Forking(airlock.Policy):
        def allows(self, intent: Intent) -> bool:
            children.append(os.fork())
            return bool(intent)

    class Own(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            os.write(write, b"x" * len(intents))

    try:
        with airlock.scope(Forking(), _cls=Own):
            airlock.enqueue(record, 1)
    finally:
        if children[0] == 0:
            os._exit(0)
    os.waitpid(children[0], 0)
    os.close(write)

    assert os.read(read, 10) == b"x"
    os.close(read)
