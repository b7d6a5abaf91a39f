"""The context variables: what is current in this thread, task or greenlet."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeAlias, TypeVar

from airlock._errors import PolicyEnqueueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from airlock._intent import Intent, Policy
    from airlock._scope import Scope

    Hook: TypeAlias = Callable[[Intent], None]

P = ParamSpec("P")
R = TypeVar("R")

# The local policies, outermost first, and their `on_enqueue` hooks, innermost
# first. Hooks are collected when a region is entered: enqueueing happens oftener.
Region: TypeAlias = "tuple[tuple[Policy, ...], tuple[Hook, ...]]"

current_scope: ContextVar[Scope | None] = ContextVar("airlock_scope", default=None)
current_region: ContextVar[Region] = ContextVar("airlock_region", default=((), ()))


def region_of(policies: tuple[Policy, ...]) -> Region:
    """Return the region in which these local policies judge, outermost first."""
    return policies, tuple(policy.on_enqueue for policy in reversed(policies))


class _Refusal:
    """The local policy in force inside a policy: nothing may be enqueued.

    Being a policy itself, it costs `enqueue` nothing elsewhere.
    """

    def on_enqueue(self, intent: Intent) -> NoReturn:
        raise PolicyEnqueueError(f"enqueue({intent.name})")

    allows = on_enqueue


_REFUSAL = _Refusal()
_ASKING = region_of((_REFUSAL,))


def ask(question: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Call into a policy, which may not enqueue or open a scope meanwhile."""
    token = current_region.set(_ASKING)
    try:
        return question(*args, **kwargs)
    finally:
        current_region.reset(token)


def is_asking() -> bool:
    """Tell whether the caller is, directly or not, a policy's hook."""
    return _REFUSAL in current_region.get()[0]
