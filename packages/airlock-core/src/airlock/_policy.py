"""What a policy is, and which of its hooks are worth calling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airlock._intent import Intent

    Hook: TypeAlias = Callable[[Intent], object]
    Judge: TypeAlias = tuple[Hook, "Policy", str]

__all__ = ["Policy", "hooks_of", "judges_of", "nothing"]


class Policy(Protocol):
    """Judges intents one by one. It cannot change, reorder or add any.

    Subclass it to override one hook only, or write a class with both.
    """

    def on_enqueue(self, intent: Intent) -> None:
        """Observe an intent as it is enqueued, or raise to keep it out."""
        del intent

    def allows(self, intent: Intent) -> bool:
        """Say at flush whether the intent may leave."""
        del intent
        return True


# Most policies have one hook of their own, or none, and what `Policy` does instead is
# nothing: asking it costs as much as all the rest of an enqueue, or of a flush.


def nothing(intent: Intent) -> None:
    """Be the `on_enqueue` of a policy that was made not to need one."""
    del intent


def hooks_of(policies: Iterable[Policy]) -> tuple[Hook, ...]:
    """Return the `on_enqueue` of those policies that have one of their own."""
    found = []
    for policy in policies:
        hook = policy.on_enqueue
        function = getattr(hook, "__func__", hook)
        if function is not Policy.on_enqueue and function is not nothing:
            found.append(hook)
    return tuple(found)


def judges_of(policies: Iterable[Policy], place: str) -> tuple[Judge, ...]:
    """Return those policies that have an `allows` of their own, with it.

    Args:
        policies: Which to look at.
        place: Where they are in force, for a report.
    """
    found = []
    for policy in policies:
        allows = policy.allows
        if getattr(allows, "__func__", None) is not Policy.allows:
            found.append((allows, policy, place))
    return tuple(found)
