"""What would have to be awaited, where airlock awaits nothing."""

from __future__ import annotations

from functools import partial
from types import AsyncGeneratorType, CodeType, GeneratorType
from typing import TypeVar, cast

from airlock._errors import ArgumentError
from airlock._name import attribute

__all__ = ["at_once", "close_awaitable", "is_coroutine_function", "is_unrun"]

T = TypeVar("T")

# As `inspect` has it.
_CO_COROUTINE = 0x80


def at_once(place: str, answer: T, expected: str = "nothing") -> T:
    """Return what was answered; refuse what would have to be awaited first.

    Raises:
        ArgumentError: If it would. A coroutine is closed, so that it does not warn.
    """
    if not hasattr(answer, "__await__"):
        return answer
    close_awaitable(answer)
    place = f"{place} returned an awaitable, and airlock"
    raise ArgumentError(place, repr(answer), f"{expected}, from a plain `def`")


def close_awaitable(result: object) -> None:
    """End what nobody will await, so that it neither goes on nor warns."""
    close = getattr(result, "close", None) or getattr(result, "cancel", None)
    if close is not None:
        close()


def is_unrun(result: object) -> bool:
    """Tell a generator: what the call of a function made whose body has yet to run.

    Not a generator expression: the body of the function that returns one did run.
    """
    if not isinstance(result, GeneratorType | AsyncGeneratorType):
        return False
    code = result.gi_code if isinstance(result, GeneratorType) else result.ag_code
    return code.co_name != "<genexpr>"


def is_coroutine_function(function: object) -> bool:
    """Tell an `async def`, without the cost of importing `inspect`. Never raises."""
    # Not isinstance(): a lazy object that cannot be made raises what it likes.
    while issubclass(type(function), partial):
        function = cast("partial[object]", function).func
    code = attribute(function, "__code__")
    if code is None:
        # An object that is called like a function.
        code = attribute(attribute(type(function), "__call__"), "__code__")
    return isinstance(code, CodeType) and bool(code.co_flags & _CO_COROUTINE)
