"""A scope that sends equal effects once."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Literal

from airlock._errors import ArgumentError
from airlock._report import Outcome
from airlock._scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from airlock._intent import Executor, Intent
    from airlock._policy import Policy

__all__ = ["CoalescingScope"]


class CoalescingScope(Scope):
    """Send effects that are equal once.

    Effects are equal when they have the same task, arguments, options and executor.
    Arguments are equal in value and in type, so that 1 and True are two; objects of
    other libraries are compared as they compare themselves, or, if they cannot be, by
    identity.
    The buffer still holds all.

    Args:
        policy: As in `Scope`.
        executor: As in `Scope`.
        key: Says by its result which effects are equal, instead.
        keep: Which occurrence is sent, and in whose place: "first" or "last".

    Raises:
        ArgumentError: If `keep` is neither.
        PluginError: As in `Scope`.
    """

    def __init__(
        self,
        policy: Policy | str | None = None,
        *,
        executor: Executor | str | None = None,
        key: Callable[[Intent], Hashable] | None = None,
        keep: Literal["first", "last"] = "first",
    ) -> None:
        super().__init__(policy, executor=executor)
        if keep not in ("first", "last"):
            place = f"{type(self).__name__}(keep=...)"
            raise ArgumentError(place, repr(keep), "'first' or 'last'")
        self._key = key or effect_key
        self._keep = keep
        # By the identity of what stands for them: the effects that are equal to it.
        self._equal: dict[int, deque[Intent]] = {}

    def _choose(self, allowed: list[Intent]) -> list[Intent]:
        # A dictionary keeps the place of the first insertion, so "last" inserts
        # from the end and turns the result round again.
        is_last = self._keep == "last"
        allowed = super()._choose(allowed)
        ordered = allowed[::-1] if is_last else allowed
        sent: dict[Hashable, Intent] = {}
        repeated = []
        for intent in ordered:
            first = _put(sent, self._keyed(intent), intent)
            if first is not intent:
                repeated.append(intent)
                self._equal.setdefault(id(first), deque()).append(intent)
        reason = f"the {self._keep} of its kind stands for it"
        self._mark(Outcome.COALESCED, repeated, reason)
        kept = list(sent.values())
        return kept[::-1] if is_last else kept

    def _ask_origins(self, leaving: list[Intent]) -> list[Intent]:
        """Let the next of its kind leave where the scope it came from withholds one."""
        chosen: set[int] = set()
        while leaving:
            chosen.update(map(id, super()._ask_origins(leaving)))
            withheld = [i for i in leaving if id(i) not in chosen]
            leaving = self._offer(self._nexts([i for i in withheld if self._equals(i)]))
        return [intent for intent in self._intents if id(intent) in chosen]

    def _equals(self, intent: Intent) -> deque[Intent] | None:
        return self._equal.get(id(intent))

    def _nexts(self, withheld: list[Intent]) -> list[Intent]:
        """Return what may leave in the place of those effects that never will."""
        origins = [self._captured[id(intent)] for intent in withheld]
        # They may also wait there for their transaction.
        waiting = {
            id(intent)
            for origin in {id(origin): origin for origin in origins}.values()
            for intent in (*origin.undispatched, *origin.dispatched)
        }
        nexts = []
        for intent in withheld:
            equal = self._equal.pop(id(intent))
            if id(intent) not in waiting:
                nexts.append(equal.popleft())
                self._equal[id(nexts[-1])] = equal
        return nexts

    def _keyed(self, intent: Intent) -> Hashable:
        # Another executor makes another effect: a captured one keeps its own.
        key = id(intent.executor), self._key(intent)
        try:
            hash(key)
        except TypeError:
            place = f"{type(self).__name__}(key=...) for {intent.name}"
            expected = "a key that can be hashed, such as a tuple"
            raise ArgumentError(place, repr(key[1]), expected) from None
        return key


def _put(sent: dict[Hashable, Intent], key: Hashable, intent: Intent) -> Intent:
    """Return what is sent for an intent: itself, or an equal one put there before."""
    try:
        return sent.setdefault(key, intent)
    except Exception:  # noqa: BLE001 - an argument's `==` may raise anything
        # What cannot be compared is like no other.
        return sent.setdefault((id(intent),), intent)


def effect_key(intent: Intent) -> Hashable:
    """Return what two intents share if they are the same effect."""
    effect = intent.task, intent.args, intent.kwargs, intent.dispatch_options
    try:
        return tuple(map(_frozen, effect))
    except RecursionError:
        # A list that holds itself is like no other.
        return id(intent)


def _frozen(value: Any) -> Hashable:  # noqa: ANN401 - an argument of a task
    kind = type(value)
    if kind in (list, tuple):
        return kind, tuple(map(_frozen, value))
    if kind in (set, frozenset):
        return kind, frozenset(map(_frozen, value))
    if kind is dict:
        return kind, frozenset((_frozen(key), _frozen(value[key])) for key in value)
    try:
        hash(value)
    except Exception:  # noqa: BLE001 - an argument's hash may raise anything
        return kind, id(value)
    return kind, value
