"""The account of subclasses that dispatch in several threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

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
