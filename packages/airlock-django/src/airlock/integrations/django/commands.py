"""One scope per management command."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from types import FunctionType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import airlock
from airlock import ArgumentError
from airlock.integrations.django.plan import dry_run
from airlock.integrations.django.settings import make_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from airlock import Policy

P = ParamSpec("P")
R = TypeVar("R")


def airlock_command(handle: Callable[P, R]) -> Callable[P, R]:
    """Decorate a command's ``handle()`` so that it runs in a scope.

    The scope flushes when `handle` returns, or ends with ``sys.exit(0)``, and
    discards when it raises. With ``--dry-run`` every effect is dropped, also in
    scopes that the command opens itself or through ``call_command``, and the
    command's `stdout` gets a plan of what would have left.

    Raises:
        ArgumentError: If `handle` is no plain function, such as a command class, or
            is a coroutine function, which Django never awaits.
    """
    _check(handle)

    @wraps(handle)
    def run(*args: P.args, **options: P.kwargs) -> R:
        # Where a library makes commands out of functions there is no command.
        stdout = getattr(args[0] if args else None, "stdout", sys.stdout)
        with boundary(stdout, options):
            return handle(*args, **options)

    return run


@contextmanager
def boundary(
    stdout: Any,  # noqa: ANN401 - a stream, or Django's wrapper of one
    options: Mapping[str, Any],
    policy: Policy | None = None,
    *,
    is_quiet: bool = False,
) -> Iterator[None]:
    """Run a command in the block, in a scope of its own.

    Args:
        stdout: Where a dry run tells its plan.
        options: Those of the command; with ``dry_run`` nothing leaves.
        policy: The scope's. By default that of the settings.
        is_quiet: Whether a dry run tells nothing where nothing would have left.
    """

    def tell(plan: str) -> None:
        stdout.write(f"{plan}\n")

    success = None
    is_dry = options.get("dry_run")
    region = dry_run(tell, is_quiet=is_quiet) if is_dry else nullcontext()
    with region, airlock.scope(policy, _cls=make_scope):
        try:
            yield
        except SystemExit as stop:
            if stop.code not in (None, 0):
                raise
            success = stop
    if success is not None:
        raise success


def _check(handle: object) -> None:
    if not isinstance(handle, FunctionType):
        given = f"{handle!r}, which is no function"
        raise ArgumentError(
            "@airlock_command",
            given,
            "the `handle` method of a command, by decorating it",
        )
    name = handle.__qualname__
    if iscoroutinefunction(handle) or isasyncgenfunction(handle):
        raise ArgumentError(
            "@airlock_command",
            f"the coroutine function {name}, which Django calls and does not await",
            "a plain `def`, and run the coroutine in it with asgiref's async_to_sync",
        )
    if isgeneratorfunction(handle):
        raise ArgumentError(
            "@airlock_command",
            f"the generator function {name}, which Django calls and does not iterate",
            "a plain `def` without `yield`",
        )
