"""`airlock.policy()`: one more policy for a region of code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from recording import Recorder, record

import airlock

if TYPE_CHECKING:
    from collections.abc import Generator


def test_a_region_judges_only_what_is_enqueued_in_it(executor: Recorder) -> None:
    """One buffer, one order; only the region's effects are dropped."""
    with airlock.scope(executor=executor) as s:
        airlock.enqueue(record, "a")
        with airlock.policy(airlock.DropAll()):
            airlock.enqueue(record, "b")
        airlock.enqueue(record, "c")

    assert executor.values == ["a", "c"]
    assert [intent.args[0] for intent in s.intents] == ["a", "b", "c"]


def test_a_region_reaches_into_scopes_opened_in_it(executor: Recorder) -> None:
    """A dry run silences code that opens scopes of its own."""
    with airlock.policy(airlock.DropAll()), airlock.scope(executor=executor):
        airlock.enqueue(record, 1)

    assert executor.intents == []


def test_a_region_ends_also_when_its_body_raises(executor: Recorder) -> None:
    """A caught error must not leave everything after it silent."""
    with airlock.scope(executor=executor):
        with pytest.raises(ValueError, match="boom"), airlock.policy("drop_all"):
            raise ValueError("boom")
        airlock.enqueue(record, 1)

    assert executor.values == [1]


def test_interleaved_regions_end_each_on_its_own(executor: Recorder) -> None:
    """Generators end out of order; a region left behind would drop effects."""

    def generator(policy: airlock.Policy) -> Generator[None]:
        with airlock.policy(policy):
            yield

    dropping = generator(airlock.DropAll())
    allowing = generator(airlock.AllowAll())
    with airlock.scope(executor=executor):
        next(dropping)
        next(allowing)
        dropping.close()
        airlock.enqueue(record, "after dropping")
        allowing.close()
        airlock.enqueue(record, "after both")

    assert executor.values == ["after dropping", "after both"]


def test_a_region_that_was_never_entered_may_be_left(executor: Recorder) -> None:
    """It has nothing to end, and ends nothing else."""
    with airlock.scope(executor=executor), airlock.policy(airlock.DropAll()):
        airlock.policy(airlock.AllowAll()).__exit__(None, None, None)
        airlock.enqueue(record, 1)

    assert executor.values == []


def test_one_policy_object_may_be_entered_twice(executor: Recorder) -> None:
    """Leaving the inner region leaves the outer one in force."""
    quiet = airlock.policy(airlock.DropAll())

    with airlock.scope(executor=executor):
        with quiet:
            with quiet:
                pass
            airlock.enqueue(record, "inside")
        airlock.enqueue(record, "outside")

    assert executor.values == ["outside"]


class AsyncPolicy:
    """Its answer is a coroutine, which counts as True and is never awaited."""

    def on_enqueue(self, intent: airlock.Intent) -> None:
        """Observe nothing."""

    async def allows(self, intent: airlock.Intent) -> bool:
        """Refuse, but nobody asks."""
        del intent
        return False


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (airlock.DropAll, r"such as DropAll\(\)"),
        (object(), "plain methods"),
        (None, "plain methods"),
        (AsyncPolicy(), "plain methods"),
    ],
)
def test_something_else_than_a_policy_is_refused(given: Any, expected: str) -> None:
    """At the line that wrote it, and telling what a policy is."""
    with pytest.raises(airlock.PluginTypeError, match=expected):
        airlock.policy(given)


def test_policies_that_compare_equal_judge_each_what_is_theirs(
    executor: Recorder,
) -> None:
    """As dataclasses do whose fields are equal, or are not compared."""

    class Tenant(airlock.Policy):
        def __init__(self, answer: bool) -> None:  # noqa: FBT001 - one argument
            self.answer = answer

        def allows(self, intent: airlock.Intent) -> bool:
            del intent
            return self.answer

        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

    with airlock.scope(executor=executor):
        for answer in (True, False, True):
            with airlock.policy(Tenant(answer)):
                airlock.enqueue(record, answer)

    assert executor.values == [True, True]
