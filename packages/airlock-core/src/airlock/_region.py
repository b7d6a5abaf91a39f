"""Regions of code in which one more policy judges what is enqueued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar

from airlock._context import current_region
from airlock._errors import PolicyEnqueueError
from airlock._policy import hooks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from airlock._intent import Intent
    from airlock._policy import Policy

__all__ = ["LocalPolicy", "Region", "ask", "is_asking"]

T = TypeVar("T")
R = TypeVar("R")

# The policies in force, outermost first; their own `on_enqueue` hooks, innermost first,
# collected when a region is entered because enqueueing happens oftener; and whose
# regions they are, outermost first.
Region: TypeAlias = "Sequence[tuple[Any, ...]]"


class LocalPolicy:
    """What `airlock.policy()` returns: use it in a `with` statement."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def __enter__(self) -> None:
        around = current_region.get()
        try:
            current_region.set(_region_of((*around[2], self)))
        except BaseException:
            # A signal handler raised as soon as it was set, and no exit will follow.
            current_region.set(around)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        inside: Region | None = None
        try:
            inside = current_region.get()
            current_region.set(_without(self, inside))
        except BaseException:
            # A signal handler raised half way: this region must not stay in force.
            current_region.set(_without(self, inside or current_region.get()))
            raise


def _without(owner: LocalPolicy, region: Region) -> Region:
    # Taking its own region out, and not bringing the earlier one back, stays
    # right when generators leave out of order or in another context.
    owners = list(region[2])
    for position in reversed(range(len(owners))):
        if owners[position] is owner:
            del owners[position]
            break
    return _region_of(tuple(owners))


def _region_of(owners: tuple[LocalPolicy, ...]) -> Region:
    policies = tuple(owner.policy for owner in owners)
    return policies, hooks_of(reversed(policies)), owners


class _Refusal:
    """The policy in force inside a policy: nothing may be enqueued.

    Being a policy itself, it costs `enqueue` nothing elsewhere.
    """

    def on_enqueue(self, intent: Intent) -> NoReturn:
        raise PolicyEnqueueError(f"enqueue({intent.name})")

    allows = on_enqueue


_ASKING = LocalPolicy(_Refusal())
_ASKING_REGION = _region_of((_ASKING,))


def ask(question: Callable[[T], R], about: T) -> R:
    """Call into policies, which may not enqueue or open a scope meanwhile."""
    around = current_region.get()
    if _ASKING in around[2]:
        return question(about)
    # A list, because a task that the policy starts inherits it and lives on: once
    # the policy has answered, it is in the region around like everybody else.
    asking = [*_ASKING_REGION]
    try:
        # Inside: a signal handler may raise as soon as it is set.
        current_region.set(asking)
        return question(about)
    finally:
        current_region.set(around)
        asking[:] = around


def is_asking(region: Region | None = None) -> bool:
    """Tell whether a region, or else the caller's, is that of a policy's hook."""
    return _ASKING in (current_region.get() if region is None else region)[2]
