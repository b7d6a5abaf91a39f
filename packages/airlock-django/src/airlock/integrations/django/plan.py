"""What a dry run would have sent."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import airlock
from airlock.integrations.django.scope import rolled_back_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airlock import Intent, Scope

# How much of the arguments is shown.
SAMPLES = 3
LONGEST_SAMPLE = 60

# A dry run may undo its own work in the end: what is in that transaction counts.
ROLLED_BACK = {
    "transaction": "Would have left, had their transaction not been rolled back",
    "savepoint": "Left out, with a savepoint that was rolled back",
}

_is_dry: ContextVar[bool] = ContextVar("airlock_dry_run", default=False)


@contextmanager
def dry_run(
    write: Callable[[str], object], *, is_quiet: bool = False
) -> Iterator[None]:
    """Let nothing leave that is enqueued in the block; tell what would have left.

    Scopes that are opened in the block are silenced too. In a dry run already, the
    outermost one tells everything.

    Args:
        write: Told the plan.
        is_quiet: Whether it is told nothing where nothing would have left.
    """
    if _is_dry.get():
        yield
        return
    plan = DryRun()
    _is_dry.set(True)
    try:
        with airlock.policy(plan):
            yield
    finally:
        _is_dry.set(False)
        found = plan.found()
        if found or not is_quiet:
            write(told(found))


class DryRun(airlock.Policy):
    """Let nothing leave, and remember what was to."""

    def __init__(self) -> None:
        self._seen: list[tuple[Intent, Scope | None]] = []
        self._refused: set[int] = set()

    def on_enqueue(self, intent: Intent) -> None:
        """Note the scope, which is not current any more when it flushes."""
        self._seen.append((intent, airlock.get_current_scope()))

    def allows(self, intent: Intent) -> bool:
        """Refuse what the policies further inside have let through."""
        self._refused.add(id(intent))
        return False

    def found(self) -> dict[str, list[Intent]]:
        """Return what only the dry run has kept in, by what was rolled back with it."""
        found: defaultdict[str, list[Intent]] = defaultdict(list)
        for intent, scope in self._seen:
            if self._leaves(intent, scope):
                found[rolled_back_with(scope, intent)].append(intent)
        return found

    def _leaves(self, intent: Intent, scope: Scope | None) -> bool:
        """Tell whether all but this plan would have let the intent leave."""
        if scope is None or not scope.is_flushed or id(intent) not in self._refused:
            return False
        around = intent.local_policies[: intent.local_policies.index(self)]
        # Refused here, the intent has been shown to none of these.
        policies = (scope._policy, *around)  # noqa: SLF001 - for who extends scopes
        return all(policy.allows(intent) for policy in reversed(policies))


def told(found: dict[str, list[Intent]]) -> str:
    """Give a line to each task: how often, and some of the arguments."""
    leaving = found.get("", [])
    text = f"Dry run: {_effects(leaving)} would have left{_listing(leaving)}"
    for ending, title in ROLLED_BACK.items():
        if ending in found:
            text += f"\n{title}{_listing(found[ending])}"
    return text


def _effects(intents: list[Intent]) -> str:
    return {0: "no effects", 1: "1 effect"}.get(len(intents), f"{len(intents)} effects")


def _listing(intents: list[Intent]) -> str:
    tasks: defaultdict[str, list[Intent]] = defaultdict(list)
    for intent in intents:
        tasks[intent.name].append(intent)
    lines = [
        f"\n  {len(each)} x {name}{_samples(each)}" for name, each in tasks.items()
    ]
    return ":" + "".join(lines) if lines else "."


def _samples(intents: list[Intent]) -> str:
    calls = [_arguments(intent) for intent in intents[:SAMPLES]]
    return ", ".join(calls) + (", ..." if len(intents) > SAMPLES else "")


def _arguments(intent: Intent) -> str:
    shown = repr(intent).removeprefix(f"<Intent {intent.name}").removesuffix(">")
    if len(shown) > LONGEST_SAMPLE:
        return f"{shown[: LONGEST_SAMPLE - 4]}...)"
    return shown
