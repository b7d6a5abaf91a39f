"""Taking what is current along: into other threads, and into generators."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import wraps
from types import AsyncGeneratorType, GeneratorType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from airlock._awaitable import close_awaitable, is_coroutine_function
from airlock._context import current_region, current_scope
from airlock._errors import ArgumentError, PolicyEnqueueError
from airlock._region import frozen, in_force, is_asking

if TYPE_CHECKING:
    from collections.abc import Callable

    from airlock._region import Region
    from airlock._scope import Scope

__all__ = ["Place", "carry"]

P = ParamSpec("P")
R = TypeVar("R")


_CARRIED = "the `async def` itself, or a function that iterates the generator"


class Place:
    """The scope and local policies that are current for some code, while it runs.

    For integrations whose code runs in steps, with others in between, as an iterator
    does: each step runs in a `with` block. Between two blocks the place keeps what the
    code left current, and around them nothing changes. One block at a time.

    Raises:
        PolicyEnqueueError: If a policy enters a place that is not its own.
    """

    def __init__(self, inside: tuple[Scope | None, Region] | None = None) -> None:
        self._inside = inside

    def __enter__(self) -> None:
        if self._inside is not None and is_asking() and not is_asking(self._inside[1]):
            raise PolicyEnqueueError("A generator of another scope")
        self._outside = current_scope.get(), current_region.get()
        if self._inside is not None:
            try:
                _make_current(*self._inside)
            except BaseException:
                # A signal handler raised half way, and no exit will follow.
                _make_current(*self._outside)
                raise

    def __exit__(self, *reason: object) -> None:
        outside = self._outside
        try:
            self._inside = current_scope.get(), current_region.get()
            # Between two blocks it must not keep the caller's scope alive.
            del self._outside
            _make_current(*outside)
        except BaseException:
            _make_current(*outside)
            raise


def ran(place: str, result: R, remedy: str) -> R:
    """Return the result of a plain function; refuse what would still have to run."""
    if isinstance(result, Awaitable | GeneratorType | AsyncGeneratorType):
        close_awaitable(result)
        raise ArgumentError(
            place,
            f"a function that returned {type(result).__name__}",
            f"{remedy}: its body runs later, when the scope would not be there",
        )
    return result


def _make_current(scope: Scope | None, region: Region) -> None:
    current_scope.set(scope)
    current_region.set(region)


def _as_asked(here: tuple[Scope | None, Region]) -> tuple[Scope | None, Region]:
    # A policy that was given a carried function enqueues nothing with it either.
    return (here[0], current_region.get()) if is_asking() else here


def carry(function: Callable[P, R]) -> Callable[P, R]:
    """Take the current scope and local policies along, for a pool of threads.

    A thread starts with neither. Call `carry` where they are current; what it
    returns may be called many times at once, as long as the scope is active.

    Args:
        function: A function or coroutine function.

    Raises:
        ArgumentError: If it cannot be called. What it returns raises this where a
            plain function leaves something to be awaited, or a generator.
    """
    if not callable(function):
        raise ArgumentError("carry", repr(function), "a function to call elsewhere")
    here = current_scope.get(), frozen(in_force())

    @wraps(function)
    def carried(*args: P.args, **kwargs: P.kwargs) -> R:
        with Place(_as_asked(here)):
            return ran("airlock.carry()", function(*args, **kwargs), _CARRIED)

    @wraps(function)
    async def carried_async(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401
        with Place(_as_asked(here)):
            return await cast("Any", function(*args, **kwargs))

    is_async = is_coroutine_function(function)
    return cast("Callable[P, R]", carried_async) if is_async else carried
