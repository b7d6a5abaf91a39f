"""The built-in policies."""

from __future__ import annotations

import copy
import gc
import logging
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from recording import Journal, Recorder, record

import airlock
from airlock import (
    AllowAll,
    AssertNoEffects,
    CompositePolicy,
    DropAll,
    Intent,
    LogOnFlush,
    MaxEffects,
)
from airlock.integrations.executors.sync import sync_executor

if TYPE_CHECKING:
    from collections.abc import Callable


def test_allow_all_lets_everything_leave() -> None:
    """The default decides nothing."""
    assert AllowAll().allows(Intent(record)) is True


def test_drop_all_is_silent_and_keeps_the_record(executor: Recorder) -> None:
    """The buffer stays an audit log of what was attempted."""
    with airlock.scope(DropAll(), executor=executor) as s:
        airlock.enqueue(record, 1)

    assert executor.intents == []
    assert len(s.intents) == 1


def test_assert_no_effects_raises_at_the_call_site() -> None:
    """The traceback points at the line that enqueues."""
    with airlock.scope(AssertNoEffects()) as s:
        with pytest.raises(airlock.PolicyViolation, match="recording:record") as caught:
            airlock.enqueue(record)

        assert s.intents == []
    assert isinstance(caught.value, airlock.UnexpectedEffectError)


def test_assert_no_effects_also_refuses_at_flush() -> None:
    """As the specification's table says."""
    assert AssertNoEffects().allows(Intent(record)) is False


def test_log_on_flush_logs_what_leaves(caplog: pytest.LogCaptureFixture) -> None:
    """At flush and not before; the default logger is `airlock`."""
    with (
        caplog.at_level(logging.INFO, logger="airlock"),
        airlock.scope(LogOnFlush()),
    ):
        airlock.enqueue(record, 1, _origin="orders")
        assert caplog.records == []

    [entry] = caplog.records
    assert entry.name == "airlock"
    assert entry.getMessage() == (
        "at flush: recording:record args=(1,) kwargs={} origin='orders'"
    )


def test_log_on_flush_takes_a_logger(caplog: pytest.LogCaptureFixture) -> None:
    """Audit logs go elsewhere than debugging."""
    with (
        caplog.at_level(logging.INFO, logger="audit"),
        airlock.scope(LogOnFlush(logging.getLogger("audit"))),
    ):
        airlock.enqueue(record)

    assert [entry.name for entry in caplog.records] == ["audit"]


def test_a_composite_tells_all_and_allows_what_all_allow() -> None:
    """Every member sees the enqueue; one refusal drops the intent."""
    notes: list[str] = []
    composite = CompositePolicy(
        Journal("first", notes),
        Journal("second", notes, allow=False),
        Journal("third", notes),
    )
    intent = Intent(record)

    composite.on_enqueue(intent)

    assert composite.allows(intent) is False
    assert notes == [
        "first.on_enqueue",
        "second.on_enqueue",
        "third.on_enqueue",
        "first.allows",
        "second.allows",
    ]


def test_a_composite_of_nothing_allows() -> None:
    """As all() of nothing does."""
    assert CompositePolicy().allows(Intent(record)) is True


def test_a_composite_refuses_what_is_no_policy() -> None:
    """`CompositePolicy([a, b])` is the likely mistake."""
    with pytest.raises(airlock.PluginTypeError, match="policy"):
        CompositePolicy([DropAll()])  # type: ignore[arg-type]


def test_max_effects_stops_the_loop_at_the_call_site(executor: Recorder) -> None:
    """Effect n+1 raises, and the text names what the loop enqueues."""
    with (
        pytest.raises(airlock.EffectLimitError) as caught,
        airlock.scope(MaxEffects(3), executor=executor) as s,
    ):
        airlock.enqueue(print)
        for _ in range(10_000):
            airlock.enqueue(record)

    assert len(s.intents) == 3
    assert executor.intents == []
    assert isinstance(caught.value, airlock.PolicyViolation)
    assert "effect 4 of this scope, and MaxEffects allows 3" in str(caught.value)
    assert "Enqueued most: recording:record, 2 of them" in str(caught.value)


def test_max_effects_allows_exactly_the_limit(executor: Recorder) -> None:
    """A limit of three is three."""
    with airlock.scope(MaxEffects(3), executor=executor):
        for number in range(3):
            airlock.enqueue(record, number)

    assert executor.values == [0, 1, 2]


def test_max_effects_of_zero_names_the_only_task() -> None:
    """Nothing was counted yet, and the text is still true."""
    with (
        airlock.scope(MaxEffects(0)),
        pytest.raises(airlock.EffectLimitError, match="most: recording:record, 0 of"),
    ):
        airlock.enqueue(record)


def test_max_effects_counts_each_scope_apart(executor: Recorder) -> None:
    """One instance as a default for all requests must not add them up."""
    limit = MaxEffects(2)

    for _ in range(5):
        with airlock.scope(limit, executor=executor):
            airlock.enqueue(record, 1)
            airlock.enqueue(record, 2)

    assert executor.values == [1, 2] * 5


def test_max_effects_counts_scopes_that_say_what_is_equal(executor: Recorder) -> None:
    """Such a class has no hash; its scopes are counted apart, and not kept alive."""

    class Tenant(airlock.Scope):
        def __eq__(self, other: object) -> bool:
            return isinstance(other, Tenant)

        __hash__ = None  # type: ignore[assignment]

    limit = MaxEffects(1)
    with Tenant(limit, executor=executor) as outer:
        airlock.enqueue(record, 1)
        with Tenant(limit, executor=executor):
            airlock.enqueue(record, 2)
    kept = weakref.ref(outer)
    del outer

    gc.collect()
    assert executor.values == [2, 1]
    assert kept() is None


def test_max_effects_counts_across_threads() -> None:
    """Threads that share a scope share its limit."""
    import contextvars

    refused: list[Exception] = []

    def enqueue_many() -> None:
        for _ in range(100):
            try:
                airlock.enqueue(record)
            except airlock.EffectLimitError as error:
                refused.append(error)

    with airlock.scope(MaxEffects(150), executor=lambda _: None) as s:
        threads = [
            threading.Thread(target=contextvars.copy_context().run, args=[enqueue_many])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(s.intents) == 150
    assert len(refused) == 250


def test_max_effects_counts_nothing_where_no_scope_is() -> None:
    """A policy may be asked by hand, as its own tests do."""
    MaxEffects(0).on_enqueue(Intent(record))


def test_an_intent_under_max_effects_can_be_copied() -> None:
    """Outboxes and tools copy intents, and their policies with them."""
    with airlock.scope(DropAll()) as s, airlock.policy(MaxEffects(3)):
        airlock.enqueue(record)

    twin = copy.deepcopy(s.intents[0])

    assert type(twin.local_policies[0]) is MaxEffects


@pytest.mark.parametrize("limit", [-1, 2.5, "3", True, None])
def test_max_effects_takes_a_number_of_effects(limit: object) -> None:
    """A wrong limit should fail where it is written."""
    with pytest.raises(airlock.ArgumentError, match="integer of 0 or more"):
        MaxEffects(limit)  # type: ignore[arg-type]


def test_max_effects_may_be_many(executor: Recorder) -> None:
    """Nothing about it depends on small numbers."""
    with (
        airlock.scope(airlock.MaxEffects(1000), executor=executor) as s,
        pytest.raises(airlock.EffectLimitError),
    ):
        while True:
            airlock.enqueue(record)

    assert len(s.intents) == 1000


@pytest.mark.parametrize(
    "call",
    [
        lambda: airlock.scope(None, sync_executor),  # type: ignore[call-overload]
        lambda: airlock.scoped(None, sync_executor),  # type: ignore[call-arg]
        lambda: airlock.Scope(None, sync_executor),  # type: ignore[call-arg]
        lambda: airlock.CoalescingScope(None, sync_executor),  # type: ignore[call-arg]
        lambda: airlock.BlockTasks(["send"], True),  # type: ignore[call-arg]  # noqa: FBT003
    ],
)
def test_what_is_optional_is_given_by_name(call: Callable[[], object]) -> None:
    """More of them may come, in any order."""
    with pytest.raises(TypeError, match="positional"):
        call()


def test_a_composite_takes_names() -> None:
    """As whatever else takes a policy does."""
    composite = CompositePolicy("allow_all", "airlock.DropAll")

    assert composite.allows(Intent(record)) is False
    assert [type(policy) for policy in composite.policies] == [AllowAll, DropAll]


def test_what_an_earlier_policy_refuses_does_not_count() -> None:
    """It was not enqueued."""
    with airlock.scope(MaxEffects(1)):
        with airlock.policy(AssertNoEffects()), suppress(airlock.PolicyViolation):
            airlock.enqueue(record)
        airlock.enqueue(record)
        with pytest.raises(airlock.EffectLimitError):
            airlock.enqueue(record)
