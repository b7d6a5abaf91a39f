"""Functions, coroutine functions and generators that run in a scope of their own."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial, wraps
from types import FunctionType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, TypeVar, cast

from airlock._api import scope
from airlock._awaitable import is_coroutine_function
from airlock._carry import Place, ran
from airlock._errors import ArgumentError
from airlock._intent import check_policy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

    from airlock._intent import Executor
    from airlock._policy import Policy
    from airlock._scope import Scope

__all__ = ["scoped"]

P = ParamSpec("P")
R = TypeVar("R")


def scoped(
    policy: Policy | str | None = None,
    *,
    executor: Executor | str | None = None,
    verify: bool | None = None,
    _cls: Callable[..., Scope] | str | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function so that each call runs in a scope of its own.

    The scope flushes when the body ends and discards when it raises. It is there
    while the body runs: awaited for a coroutine function, and for a generator
    current only between two items, not in the code that iterates it. A generator
    that is closed before its end discards.

    Args:
        policy: As in `scope()`. A name makes one policy per call.
        executor: As in `scope()`.
        verify: As in `scope()`.
        _cls: As in `scope()`.

    Raises:
        ArgumentError: If used without parentheses, or on what is no function. A call
            raises it, and discards, where a plain function returns an awaitable or a
            generator, whose body would run without the scope.
        PluginTypeError: If `policy` can be none.
    """
    if isinstance(policy, FunctionType):
        expected = "what scope() takes, or nothing, in parentheses: @airlock.scoped()"
        raise ArgumentError("airlock.scoped", f"the function {policy!r}", expected)
    if policy is not None and not isinstance(policy, str):
        check_policy(policy)
    chosen = cast("Any", _cls)
    make = partial(scope, policy, executor=executor, verify=verify, _cls=chosen)

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        if isinstance(function, staticmethod | classmethod):
            kind: Any = type(function)
            return cast("Callable[P, R]", kind(decorate(function.__func__)))
        if isinstance(function, type):
            expected = "a function: decorate the methods that are to run in a scope"
            raise ArgumentError("airlock.scoped()", repr(function), expected)
        decorated: Any = wraps(function)(_in_scope(function, make))
        # It takes exactly what the function does: so `verify` is told.
        # Whatever it raises: reading annotations runs code, on Python 3.14.
        with suppress(Exception):
            decorated.__signature__ = _signature(function)
        return cast("Callable[P, R]", decorated)

    return decorate


# Untyped inside: what each of them takes and returns is what the function does.
Function: TypeAlias = "Callable[..., Any]"
Make: TypeAlias = "Callable[[], Scope]"


def _in_scope(function: Function, make: Make) -> Function:
    # Imported here: it costs as much as half of airlock.
    import inspect  # noqa: PLC0415

    if inspect.iscoroutinefunction(function) or is_coroutine_function(function):
        return _coroutine(function, make)
    if inspect.isgeneratorfunction(function):
        return _generator(function, make)
    if inspect.isasyncgenfunction(function):
        return _async_generator(function, make)
    if not callable(function):
        raise ArgumentError("airlock.scoped()", repr(function), "a function")
    return _plain(function, make)


def _signature(function: Function) -> object:
    import inspect  # noqa: PLC0415 - as above

    return inspect.signature(function)


_DECORATED = "the `async def` or generator function itself"


def _plain(function: Function, make: Make) -> Function:
    def call(*args: Any, **kwargs: Any) -> Any:
        with make():
            return ran("airlock.scoped()", function(*args, **kwargs), _DECORATED)

    return call


def _coroutine(function: Function, make: Make) -> Function:
    async def call(*args: Any, **kwargs: Any) -> Any:
        async with make():
            return await function(*args, **kwargs)

    return call


def _generator(function: Function, make: Make) -> Function:
    def within(body: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        with make():
            return (yield from body)

    def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        """Do as `yield from within(body)` does, in a place of its own."""
        place, body = Place(), function(*args, **kwargs)
        running = within(body)
        step = partial(running.send, None)
        while True:
            try:
                with place:
                    item = step()
            except StopIteration as stop:
                return stop.value
            try:
                step = partial(running.send, (yield item))
            except GeneratorExit:
                with place:
                    value = _close(body, running)
                if value is None:
                    raise
                return value  # pragma: no cover - None before Python 3.13
            except BaseException as error:  # noqa: BLE001 - the body's to handle
                step = partial(running.throw, error)

    return call


def _close(body: Generator[Any, Any, Any], running: Generator[Any, Any, Any]) -> Any:
    # Since Python 3.13 close() returns what the body does, which `yield from` drops.
    # Typed as returning nothing: so it is before.
    close: Any = body.close
    try:
        value = close()
    except BaseException as error:  # noqa: BLE001 - it passes through the scope
        # The body has ended, so this raises it where the scope is, which decides.
        return running.throw(error)
    running.close()
    return value


def _async_generator(function: Function, make: Make) -> Function:
    async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        place, running = Place(), function(*args, **kwargs)
        with place:
            boundary = make().enter()
        try:
            step = partial(_begin, running)
            while True:
                try:
                    with place:
                        item = await step()
                except StopAsyncIteration:
                    break
                try:
                    step = partial(running.asend, (yield item))
                except GeneratorExit:
                    with place:
                        await running.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001 - the body's to handle
                    step = partial(running.athrow, error)
        except BaseException as error:
            with place:
                await boundary.__aexit__(type(error), error, error.__traceback__)
            raise
        with place:
            await boundary.__aexit__(None, None, None)

    return call


def _begin(running: AsyncGenerator[Any, Any]) -> Awaitable[Any]:
    # The event loop learns of generators here, and closes them when it ends. It is
    # to know the outer one alone: it would close both at once, which is an error.
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        return running.asend(None)
    finally:
        sys.set_asyncgen_hooks(*hooks)
