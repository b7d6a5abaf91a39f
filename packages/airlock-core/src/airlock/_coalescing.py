"""A scope that sends equal effects once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from airlock._errors import ArgumentError
from airlock._report import Outcome
from airlock._scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from airlock._intent import Executor, Intent, Policy

__all__ = ["CoalescingScope"]


class CoalescingScope(Scope):
    """Send effects that are equal once.

    Effects are equal when they have the same task, arguments and options: equal
    in value and in type, so that 1 and True are two. The buffer still holds all.

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

    def _prepare(self) -> list[Intent]:
        leaving = super()._prepare()
        # A dictionary keeps the place of the first insertion, so "last" inserts
        # from the end and turns the result round again.
        is_last = self._keep == "last"
        ordered = leaving[::-1] if is_last else leaving
        sent: dict[Hashable, Intent] = {}
        repeated = [i for i in ordered if sent.setdefault(self._key(i), i) is not i]
        self._mark(Outcome.COALESCED, repeated, f"the {self._keep} of its kind is sent")
        kept = list(sent.values())
        return kept[::-1] if is_last else kept


def effect_key(intent: Intent) -> Hashable:
    """Return what two intents share if they are the same effect."""
    return tuple(
        map(_frozen, (intent.task, intent.args, intent.kwargs, intent.dispatch_options))
    )


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
    except TypeError:
        return kind, id(value)
    return kind, value
