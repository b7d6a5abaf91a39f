"""The state machine finds what it is there to find.

Each bug is one that libraries of this kind have had. A machine that passes with one
of them proves nothing when it passes without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from machine import Machine

import airlock._region
from airlock import Intent, Scope
from airlock._dispatch import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SETTINGS = settings(
    max_examples=50,
    stateful_step_count=40,
    derandomize=True,
    database=None,
    deadline=None,
    # Nobody reads the failure: to find it is enough.
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def call_no_local_hooks(patch: pytest.MonkeyPatch) -> None:
    """Let regions judge at flush only, and observe nothing."""
    region_of = airlock._region._region_of

    def without_hooks(owners: tuple[Any, ...]) -> Any:
        policies, _, owners = region_of(owners)
        return policies, (), owners

    patch.setattr(airlock._region, "_region_of", without_hooks)


def lose_the_inner_policy_on_capture(patch: pytest.MonkeyPatch) -> None:
    """Ask the scopes around first, and judge only what they let go."""
    judge, retain = Scope._judge, Scope._retain

    def judge_alone(self: Scope, intents: list[Intent]) -> list[Intent]:
        return list(intents) if self._parent else judge(self, intents)

    def retain_then_judge(
        self: Scope, exiting: Scope, intents: list[Intent]
    ) -> list[Intent]:
        return judge(exiting, retain(self, exiting, intents))

    patch.setattr(Scope, "_judge", judge_alone)
    patch.setattr(Scope, "_retain", retain_then_judge)


def check_then_append(patch: pytest.MonkeyPatch) -> None:
    """Trust that the scope is still open where `enqueue()` looked before."""

    def append(self: Scope, intent: Intent) -> None:
        self._intents.append(intent)

    patch.setattr(Scope, "_add", append)


def forget_what_went(patch: pytest.MonkeyPatch) -> None:
    """Count none as dispatched when one dispatch fails."""

    def went(self: Progress) -> Iterator[Intent]:
        return iter(self.intents if self.done == len(self.intents) else ())

    patch.setattr(Progress, "__iter__", went)


BUGS = (
    call_no_local_hooks,
    lose_the_inner_policy_on_capture,
    check_then_append,
    forget_what_went,
)


def search() -> None:
    """Run the machine, each time over the same histories."""
    run_state_machine_as_test(Machine, settings=SETTINGS)


@pytest.mark.parametrize("seed", BUGS, ids=lambda bug: bug.__name__)
def test_the_machine_finds(
    seed: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must fail as a comparison or a law does, not by accident."""
    seed(monkeypatch)

    with pytest.raises(AssertionError):
        search()


def test_without_a_bug_the_same_search_finds_nothing() -> None:
    """Or else the tests above would pass for another reason."""
    search()
