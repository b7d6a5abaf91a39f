"""One scope per management command."""

from __future__ import annotations

from contextlib import nullcontext
from functools import wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import airlock
from airlock.integrations.django.settings import make_scope

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


def airlock_command(handle: Callable[P, R]) -> Callable[P, R]:
    """Decorate a command's ``handle()`` so that it runs in a scope.

    The scope flushes when `handle` returns, or ends with ``sys.exit(0)``, and
    discards when it raises. With ``--dry-run`` every effect is dropped, also in
    scopes that the command opens itself or through ``call_command``.

    Raises:
        TypeError: If `handle` is a coroutine function, which Django never awaits.
    """
    if iscoroutinefunction(handle):
        msg = (
            f"@airlock_command got the coroutine function {handle.__qualname__}. "
            f"Django calls handle() and does not await it: write a plain "
            f"`def handle`, and run the coroutine in it with asgiref's async_to_sync."
        )
        raise TypeError(msg)

    @wraps(handle)
    def run(*args: P.args, **options: P.kwargs) -> R:
        with _region(options), airlock.scope(_cls=make_scope):
            try:
                return handle(*args, **options)
            except SystemExit as stop:
                if stop.code not in (None, 0):
                    raise
                success = stop
        raise success

    return run


def _region(options: dict[str, Any]) -> Any:  # noqa: ANN401 - one of two managers
    if options.get("dry_run"):
        return airlock.policy(airlock.DropAll())
    return nullcontext()
