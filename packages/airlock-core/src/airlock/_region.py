"""Regions of code in which one more policy judges what is enqueued."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar

from airlock._context import current_region
from airlock._errors import PolicyEnqueueError
from airlock._policy import hooks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextvars import Token
    from types import TracebackType

    from airlock._intent import Intent
    from airlock._policy import Policy

__all__ = ["LocalPolicy", "Region", "ask", "exits", "in_force", "is_asking"]

T = TypeVar("T")
R = TypeVar("R")

# The policies in force, outermost first; their own `on_enqueue` hooks, innermost first,
# collected when a region is entered because enqueueing happens oftener; and the entries
# that they are of, outermost first.
Region: TypeAlias = "Sequence[tuple[Any, ...]]"


class _Entry:
    """One use of a region, from its `__enter__` to its `__exit__`."""

    __slots__ = ("_token", "is_over", "policy")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        # Whether it was left where it cannot be taken out of what is current.
        self.is_over = False
        self._token: Token[None] | None = None

    def begin(self) -> None:
        """Be entered here."""
        self._token = _entered.set(None)

    def end(self) -> None:
        """Be left, here or elsewhere. Doing so twice does no harm."""
        token, self._token = self._token, None
        if token is not None and not _is_of_this_context(token):
            self.is_over = exits.any_elsewhere = True


# Its tokens tell one context from its copies; nothing else does.
_entered: ContextVar[None] = ContextVar("airlock_region_entered")


def _is_of_this_context(token: Token[None]) -> bool:
    try:
        _entered.reset(token)
    except ValueError:
        return False
    return True


class _Exits:
    """Whether any region was left elsewhere: one look-up, where nearly none is."""

    __slots__ = ("any_elsewhere",)

    def __init__(self) -> None:
        self.any_elsewhere = False


exits = _Exits()


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
    """What `airlock.policy()` returns: use it in a `with` statement."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        # Those that were not left yet, in whatever context: the latest comes last.
        self._entries: dict[_Entry, None] = {}

    def __enter__(self) -> None:
        around = current_region.get()
        entry = _Entry(self.policy)
        try:
            entry.begin()
            self._entries[entry] = None
            current_region.set(_region_of((*around[2], entry)))
        except BaseException:
            # A signal handler raised as soon as it was set, and no exit will follow.
            self._take_out(entry, around)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        inside: Region | None = None
        entry: _Entry | None = None
        try:
            inside = current_region.get()
            entry = self._innermost(inside)
            self._take_out(entry, inside)
        except BaseException:
            # A signal handler raised half way: this region must not stay in force.
            inside = inside or current_region.get()
            self._take_out(entry or self._innermost(inside), inside)
            raise

    def _innermost(self, region: Region) -> _Entry | None:
        """Return what is to be left now: the latest entry here, or else anywhere."""
        here = [entry for entry in region[2] if entry in self._entries]
        return next(reversed(here or self._entries), None)

    def _take_out(self, entry: _Entry | None, inside: Region) -> None:
        if entry is None:
            return
        entry.end()
        current_region.set(_without(entry, inside))
        self._entries.pop(entry, None)


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
