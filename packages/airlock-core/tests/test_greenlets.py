"""Greenlets, under real gevent: each has its own current scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from recording import Recorder, record

import airlock
from airlock import Intent, Scope

if TYPE_CHECKING:
    from types import ModuleType

GREENLETS = 500


@pytest.fixture
def gevent() -> ModuleType:
    """Return gevent, unpatched: it switches where a test says so."""
    module: ModuleType = pytest.importorskip(
        "gevent", reason="no gevent to switch with"
    )
    return module


def test_no_greenlet_sees_the_effects_of_another(gevent: ModuleType) -> None:
    """Hundreds of requests share one thread, and switch inside their scopes.

    Guards against a current scope kept per thread.
    """
    wrong: list[object] = []

    def work(number: int) -> None:
        executor = Recorder()
        with airlock.scope(executor=executor) as s:
            for item in range(3):
                airlock.enqueue(record, (number, item))
                gevent.sleep(0)
                if airlock.get_current_scope() is not s:
                    wrong.append(number)
        if executor.values != [(number, item) for item in range(3)]:
            wrong.append(executor.values)

    gevent.joinall(
        [gevent.spawn(work, number) for number in range(GREENLETS)], raise_error=True
    )

    assert wrong == []
    assert airlock.get_current_scope() is None


def test_an_executor_that_switches_keeps_the_order_of_its_scope(
    gevent: ModuleType,
) -> None:
    """Speaking to a broker is where greenlets switch."""
    sent: dict[int, list[object]] = {number: [] for number in range(20)}

    def executor(intent: Intent) -> None:
        gevent.sleep(0)
        number, item = intent.args[0]
        sent[number].append(item)

    def work(number: int) -> None:
        with airlock.scope(executor=executor):
            for item in range(5):
                airlock.enqueue(record, (number, item))

    gevent.joinall([gevent.spawn(work, number) for number in sent], raise_error=True)

    assert sent == {number: [0, 1, 2, 3, 4] for number in range(20)}


def test_a_policy_that_switches_holds_up_nobody_else(gevent: ModuleType) -> None:
    """While one greenlet is asked, the others may enqueue and open scopes.

    Guards against an "inside a policy" kept per thread.
    """

    class Switching(airlock.Policy):
        def on_enqueue(self, intent: Intent) -> None:
            del intent
            gevent.sleep(0)

        def allows(self, intent: Intent) -> bool:
            del intent
            gevent.sleep(0)
            return True

    executor = Recorder()

    def work(number: int) -> None:
        with airlock.scope(Switching(), executor=executor):
            airlock.enqueue(record, number)

    gevent.joinall([gevent.spawn(work, n) for n in range(50)], raise_error=True)

    assert sorted(map(int, map(str, executor.values))) == list(range(50))


def test_a_greenlet_started_in_a_scope_has_none_unless_carried(
    gevent: ModuleType, executor: Recorder
) -> None:
    """Like a thread, and unlike an asyncio task, it starts with an empty context."""
    seen: list[object] = []

    def look() -> None:
        seen.append(airlock.get_current_scope())

    with airlock.scope(executor=executor) as s:
        gevent.spawn(look).get()
        gevent.spawn(airlock.carry(look)).get()

    assert seen == [None, s]


def test_a_killed_greenlet_discards(gevent: ModuleType) -> None:
    """`GreenletExit` is a `BaseException`: the work did not come to its end."""
    executor = Recorder()
    s = Scope(executor=executor)

    def work() -> None:
        with s:
            airlock.enqueue(record, 1)
            gevent.sleep(3600)

    greenlet = gevent.spawn(work)
    gevent.sleep(0)
    greenlet.kill()

    assert s.is_discarded
    assert executor.intents == []


def test_a_scope_may_end_in_another_greenlet(
    gevent: ModuleType, executor: Recorder
) -> None:
    """Frameworks finish requests elsewhere than where they began them."""
    s = Scope(executor=executor).enter()
    airlock.enqueue(record, 1)

    def finish() -> None:
        s.exit()
        s.flush()

    gevent.spawn(finish).get()

    assert executor.values == [1]
    assert airlock.get_current_scope() is None
