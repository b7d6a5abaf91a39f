"""The account of subclasses that dispatch in several threads."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context
from typing import TYPE_CHECKING

import pytest
from forking import fork_and
from recording import record

import airlock
from airlock import Intent, Outcome, Scope
from airlock._accounting import account_of

if TYPE_CHECKING:
    from collections.abc import Callable


def test_what_a_pool_of_threads_executes_is_in_the_account() -> None:
    """Repeating what is told as undispatched must not send anything twice."""

    class Parallel(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            with ThreadPoolExecutor(4) as pool:
                futures = [pool.submit(airlock._execute, intent) for intent in intents]
            for future in futures:
                future.result()

    def send(value: int) -> None:
        if value == 2:
            raise ConnectionError

    with pytest.raises(ConnectionError), airlock.scope(_cls=Parallel) as s:
        for value in range(4):
            airlock.enqueue(send, value)

    assert [intent.args for intent in s.undispatched] == [(2,)]
    assert len(s.dispatched) == 3


def test_what_fails_after_the_flush_raises_its_own_error() -> None:
    """Nothing is known of the effect any more; the error is the executor's."""
    executor = Broken()
    errors: list[BaseException] = []

    class Late(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            def run() -> None:
                try:
                    airlock._execute(intents[0])
                except Exception as error:  # noqa: BLE001 - looked at below
                    errors.append(error)

            self.thread = threading.Thread(target=run)
            self.thread.start()
            executor.begun.wait(10)

    with airlock.scope(executor=executor, _cls=Late) as s:
        airlock.enqueue(record)
    executor.ended.set()
    s.thread.join(10)

    assert list(map(type, errors)) == [ConnectionError]


class Broken:
    """Fails when it is told to."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()

    def __call__(self, intent: Intent) -> None:
        self.begun.set()
        self.ended.wait(10)
        raise ConnectionError(intent.name)


class Retrying(Scope):
    """Tries each effect twice, if it must."""

    def _dispatch_all(self, intents: list[Intent]) -> None:
        for intent in intents:
            for _ in range(2):
                with suppress(ConnectionError):
                    airlock._execute(intent)
                    break


def failing(*times: int) -> Callable[[Intent], None]:
    """Make an executor that fails an effect as many times as there are at its place."""
    left = list(times)

    def executor(intent: Intent) -> None:
        [position] = intent.args
        if left[position]:
            left[position] -= 1
            raise ConnectionError(f"{left[position]} left")

    return executor


def test_an_effect_that_a_later_attempt_dispatches_is_dispatched() -> None:
    """Whatever succeeded and failed before it."""
    with airlock.scope(executor=failing(0, 1, 1), _cls=Retrying) as s:
        for position in range(3):
            airlock.enqueue(record, position)

    assert len(s.dispatched) == 3


def test_the_last_failure_of_an_effect_is_told() -> None:
    """After what a policy blocked, too."""
    with airlock.scope(executor=failing(2), _cls=Retrying) as s:
        airlock.enqueue(record, 0)
        with airlock.policy(airlock.DropAll()):
            airlock.enqueue(record, 1)

    fate = s.report().fates[0]
    assert (fate.outcome, fate.reason) == (Outcome.FAILED, "ConnectionError: 0 left")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no os.fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_child_process_notes_nothing_in_flushes_of_its_parent() -> None:
    """They do not go on there."""
    ends: list[int] = []

    class Forking(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            def look() -> None:
                assert account_of(intents[0]) is None

            # As in a thread of its own, where no account is current.
            ends.append(fork_and(lambda: Context().run(look)))
            airlock._execute(intents[0])

    with airlock.scope(_cls=Forking, executor=print) as s:
        airlock.enqueue(record)

    assert ends == [0]
    assert len(s.dispatched) == 1
