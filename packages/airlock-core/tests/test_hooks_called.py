"""Which hooks of a policy are called: those that do something."""

from __future__ import annotations

from typing import Self

import pytest
from recording import Journal, Recorder, record

import airlock
from airlock import Intent


@pytest.mark.parametrize("place", ["scope", "region"])
def test_a_hook_that_was_set_on_a_policy_is_called(
    executor: Recorder, place: str
) -> None:
    """Its class alone does not tell whether a policy does nothing."""
    seen: list[Intent] = []
    policy = airlock.AllowAll()
    policy.on_enqueue = seen.append  # type: ignore[method-assign, assignment]
    policy.allows = lambda intent: intent.args != (2,)  # type: ignore[method-assign]
    scope = airlock.scope(policy if place == "scope" else None, executor=executor)
    region = airlock.policy(policy if place == "region" else airlock.AllowAll())

    with scope, region:
        airlock.enqueue(record, 1)
        airlock.enqueue(record, 2)

    assert [intent.args for intent in seen] == [(1,), (2,)]
    assert executor.values == [1]


def test_the_policy_that_a_subclass_chose_is_told(executor: Recorder) -> None:
    """It may replace what it was given, until the first enqueue."""
    notes: list[str] = []

    class Chosen(airlock.Scope):
        def enter(self) -> Self:
            self._policy = Journal("chosen", notes)
            return super().enter()

    with airlock.scope(_cls=Chosen, executor=executor):
        airlock.enqueue(record, 1)

    assert notes == ["chosen.on_enqueue", "chosen.allows"]
