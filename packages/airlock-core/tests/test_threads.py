"""Threads: scopes are isolated, and nothing is lost or doubled where they meet."""

from __future__ import annotations

import gc
import os
import time
import weakref
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, current_thread, main_thread

import pytest
from recording import Recorder, record

import airlock
from airlock import Intent, Outcome, Scope

IS_THOROUGH = os.environ.get("AIRLOCK_THOROUGH") == "1"
THREADS = 32
SCOPES = 10_000 if IS_THOROUGH else 100
RACES = 5_000 if IS_THOROUGH else 200


def test_no_thread_sees_the_effects_of_another() -> None:
    """Every scope gets its own effects, all of them, in order.

    Guards against a current scope kept in a global.
    """
    wrong: list[object] = []

    def work(thread: int) -> None:
        for number in range(SCOPES):
            executor = Recorder()
            with airlock.scope(executor=executor), airlock.scope(executor=executor):
                airlock.enqueue(record, (thread, number, "a"))
                airlock.enqueue(record, (thread, number, "b"))
            expected = [(thread, number, "a"), (thread, number, "b")]
            if executor.values != expected or airlock.get_current_scope() is not None:
                wrong.append((expected, executor.values))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))

    assert wrong == []


class Slow(Scope):
    """Lets the main thread overtake others between asking for the state and acting."""

    @property  # type: ignore[override]
    def _state(self) -> object:
        state = self.__dict__["state"]
        if current_thread() is not main_thread():
            time.sleep(1e-4)
        return state

    @_state.setter
    def _state(self, state: object) -> None:
        self.__dict__["state"] = state


def test_an_effect_racing_the_end_of_its_scope_leaves_or_is_refused() -> None:
    """Accepted means dispatched exactly once; anything else raised where it was made.

    Guards against "check, then append": without the lock an effect is accepted by a
    scope that has flushed already.
    """
    threads = 3
    outcomes: Counter[str] = Counter()

    def race(number: int) -> None:
        executor = Recorder()
        s = Slow(executor=executor).enter()
        start = Barrier(threads + 1)
        accepted: list[object] = []

        def produce(thread: int) -> None:
            start.wait()
            for item in range(20):
                try:
                    airlock.enqueue(record, (thread, item))
                except airlock.ScopeClosedError:
                    outcomes["refused"] += 1
                    return
                accepted.append((thread, item))

        work = airlock.carry(produce)
        producing = [pool.submit(work, thread) for thread in range(threads)]
        start.wait()
        while len(s.intents) < number % 20:
            time.sleep(0)
        s.exit()
        s.flush()
        for done in producing:
            done.result()
        assert sorted(executor.values) == sorted(accepted)  # type: ignore[type-var]
        assert s.report().counts[Outcome.DISPATCHED] == len(accepted)
        outcomes["accepted"] += len(accepted)

    with ThreadPoolExecutor(threads) as pool:
        for number in range(RACES):
            race(number)

    assert outcomes["refused"] > 0


def test_racing_ends_dispatch_once() -> None:
    """Of several flushes and discards one wins; the others are told.

    Guards against a state that is checked and set without the lock.
    """
    threads = 4

    def race() -> None:
        executor = Recorder()
        s = Slow(executor=executor).enter()
        airlock.enqueue(record, 1)
        s.exit()
        start = Barrier(threads)

        def end(thread: int) -> bool:
            start.wait()
            try:
                s.discard() if thread == 0 else s.flush()
            except airlock.ScopeStateError:
                return False
            return True

        won = list(pool.map(end, range(threads)))
        assert won.count(True) == 1
        assert executor.values == ([] if won[0] else [1])

    with ThreadPoolExecutor(threads) as pool:
        for _ in range(RACES):
            race()


def test_racing_exits_exit_once() -> None:
    """A watchdog and the worker may both give up on the same scope."""
    threads = 4
    s = Slow().enter()
    start = Barrier(threads)

    def leave(_: int) -> bool:
        start.wait()
        try:
            s.exit()
        except airlock.ScopeStateError:
            return False
        return True

    with ThreadPoolExecutor(threads) as pool:
        exits = list(pool.map(leave, range(threads)))
    s.discard()

    assert exits.count(True) == 1
    assert airlock.get_current_scope() is None


def test_a_hook_may_wait_for_a_thread_that_enqueues(executor: Recorder) -> None:
    """`on_enqueue` runs outside of the lock, so a policy may do slow things.

    Guards against asking it under the lock: then the two wait for each other.
    """

    class Waiting(airlock.Policy):
        def on_enqueue(self, intent: Intent) -> None:
            if intent.args == ("outer",):
                pool.submit(work, "inner").result(timeout=30)

    with ThreadPoolExecutor(1) as pool, airlock.scope(Waiting(), executor=executor):
        work = airlock.carry(lambda value: airlock.enqueue(record, value))
        airlock.enqueue(record, "outer")

    assert executor.values == ["inner", "outer"]


def test_a_thread_whose_scope_ended_elsewhere_is_not_blocked(
    executor: Recorder,
) -> None:
    """The scope is closed there, and the next one opens as ever."""
    open_scopes: list[Scope] = []

    def begin() -> None:
        open_scopes.append(Scope(executor=executor).enter())
        airlock.enqueue(record, "first")

    def go_on() -> type[BaseException]:
        with pytest.raises(airlock.NoScopeError) as caught:
            airlock.enqueue(record, "lost")
        with airlock.scope(executor=executor):
            airlock.enqueue(record, "second")
        return caught.type

    with ThreadPoolExecutor(1) as pool:
        pool.submit(begin).result()
        open_scopes[0].exit()
        open_scopes[0].flush()
        error = pool.submit(go_on).result()

    assert error is airlock.ScopeClosedError
    assert executor.values == ["first", "second"]


def test_a_pools_thread_keeps_no_scope_of_earlier_work_alive() -> None:
    """Threads of a pool live for ever; what they worked on must not.

    A scope that ended elsewhere may stay current in its thread until the next one
    is opened there. It must not grow into a chain.
    """

    def begin() -> Scope:
        airlock.enqueue(record) if airlock.get_current_scope() else None
        return Scope().enter()

    watched = []
    with ThreadPoolExecutor(1) as pool:
        for _ in range(10):
            s = pool.submit(begin).result()
            s.exit()
            s.discard()
            watched.append(weakref.ref(s))
            del s
        gc.collect()
        alive = [reference for reference in watched if reference() is not None]

    assert len(alive) <= 1


def test_the_arguments_of_finished_work_are_freed() -> None:
    """A `with` in a reused thread leaves nothing of its effects behind."""

    class Argument:
        """Something that can be watched."""

    def work() -> weakref.ref[Argument]:
        argument = Argument()
        with airlock.scope(executor=Recorder()):
            airlock.enqueue(record, argument)
        return weakref.ref(argument)

    with ThreadPoolExecutor(1) as pool:
        watched = [pool.submit(work).result()]
        gc.collect()
        alive = [reference() for reference in watched]

    assert alive == [None]
