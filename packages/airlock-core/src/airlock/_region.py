"""Regions of code in which one more policy judges what is enqueued."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar

from airlock._context import current_region
from airlock._errors import PolicyEnqueueError
from airlock._policy import hooks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from airlock._intent import Intent
    from airlock._policy import Policy

__all__ = ["LocalPolicy", "Region", "ask", "exits", "frozen", "in_force", "is_asking"]

T = TypeVar("T")
R = TypeVar("R")

# The policies in force, outermost first; their own `on_enqueue` hooks, innermost first,
# collected when a region is entered because enqueueing happens oftener; and the entries
# that they are of, outermost first.
Region: TypeAlias = "Sequence[tuple[Any, ...]]"


# Its tokens tell one context from its copies; nothing else does.
_entered: ContextVar[None] = ContextVar("airlock_region_entered")


class _Entry:
    """One use of a region, from its `__enter__` to its `__exit__`."""

    __slots__ = ("_token", "is_over", "policy")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        # Whether it was left where it cannot be taken out of what is current.
        self.is_over = False
        self._token = _entered.set(None)

    def is_of_this_context(self) -> bool:
        """Tell whether it was made here, not in a context that this is a copy of."""
        try:
            _entered.reset(self._token)
        except ValueError:
            return False
        except RuntimeError:
            # A signal handler raised, at the last time of asking, before the next line.
            pass
        # A token is good for one time.
        self._token = _entered.set(None)
        return True


class _Exits:
    """Whether any region was left elsewhere: one look-up, where nearly none is."""

    __slots__ = ("any_elsewhere",)

    def __init__(self) -> None:
        self.any_elsewhere = False


exits = _Exits()


def frozen(region: Region) -> Region:
    """Return a region that stays in force, wherever what it is made of is left."""
    return _region_of(
        tuple(
            owner if owner is _ASKING else _Entry(owner.policy) for owner in region[2]
        )
    )


def in_force() -> Region:
    """Return the region that is current, without what was left elsewhere.

    The event loop closes an abandoned generator in a copy of the context in which it
    ran: nobody but the next enqueue there can end the regions that it was in.
    """
    region = current_region.get()
    if any(owner.is_over for owner in region[2]):
        region = _region_of(tuple(o for o in region[2] if not o.is_over))
        current_region.set(region)
    return region


class LocalPolicy:
    """What `airlock.policy()` returns: use it in a `with` statement.

    Tasks that are started in it keep it when it is left; where it is left in another
    context than it was entered in, it ends for all. If one object is entered in several
    contexts at once, leave it in the context in which it was entered.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        # Those that were not left yet, in whatever context.
        self._entries: dict[_Entry, None] = {}

    def __enter__(self) -> None:
        around = in_force() if exits.any_elsewhere else current_region.get()
        entry = _Entry(self.policy)
        try:
            self._entries[entry] = None
            current_region.set(_region_of((*around[2], entry)))
        except BaseException:
            # A signal handler raised as soon as it was set, and no exit will follow.
            self._entries.pop(entry, None)
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
            self._leave(inside)
        except BaseException:
            # A signal handler raised half way: this region must not stay in force.
            self._leave(inside or current_region.get())
            raise

    def _leave(self, inside: Region) -> None:
        here = [entry for entry in reversed(inside[2]) if entry in self._entries]
        left = own = next((e for e in here if e.is_of_this_context()), None)
        open_ones = tuple(self._entries)
        if own is None and len(open_ones) == 1:
            # It cannot be taken out of what is current where it was entered. Of several
            # it may be any: somebody may still be inside the one that would be chosen.
            left = open_ones[0]
            left.is_over = exits.any_elsewhere = True
        out = own or next(iter(here), None)
        if out is not None:
            current_region.set(_without(out, inside))
        # Last: whoever is interrupted before does all of it again.
        if left is not None:
            self._entries.pop(left, None)


def _without(entry: _Entry, region: Region) -> Region:
    # Taking its own entry out, and not bringing the earlier region back, stays
    # right when generators leave out of order or in another context.
    return _region_of(tuple(owner for owner in region[2] if owner is not entry))


def _region_of(owners: tuple[_Entry, ...]) -> Region:
    policies = tuple(owner.policy for owner in owners)
    return policies, hooks_of(reversed(policies)), owners


class _Refusal:
    """The policy in force inside a policy: nothing may be enqueued.

    Being a policy itself, it costs `enqueue` nothing elsewhere.
    """

    def on_enqueue(self, intent: Intent) -> NoReturn:
        raise PolicyEnqueueError(f"enqueue({intent.name})")

    allows = on_enqueue


_ASKING = _Entry(_Refusal())
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
