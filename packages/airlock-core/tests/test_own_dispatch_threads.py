"""The account of subclasses that dispatch in several threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from recording import record

import airlock
from airlock import Intent, Scope


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
