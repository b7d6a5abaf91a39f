"""The scope of a request or of a stream: how it begins, and how it may end."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async

import airlock
from airlock.integrations.django.naming import counted
from airlock.integrations.django.outlasting import never, outlast
from airlock.integrations.django.scope import DjangoScope
from airlock.integrations.django.settings import make_scope

if TYPE_CHECKING:
    from airlock import Scope

logger = logging.getLogger("airlock")


def begin() -> Scope:
    """Return a scope as the settings describe it, and make it current."""
    return airlock.scope(_cls=make_scope).enter()


def flush(scope: Scope) -> None:
    """Exit and flush, unless it was ended before."""
    with _Exited(scope) as has_ended:
        if not has_ended:
            scope.flush()


async def aflush(scope: Scope) -> None:
    """Do so where sync code may run, and where its database connections are."""
    with _Exited(scope) as has_ended:
        if has_ended:
            return
        if isinstance(scope, DjangoScope):
            await scope.aflush()
        elif scope.intents:
            await outlast(sync_to_async(scope.flush)(), never)
        else:
            scope.flush()


def discard(scope: Scope, reason: str = "") -> None:
    """Exit and discard, unless it was ended before; log it if there is a reason."""
    with _Exited(scope) as has_ended:
        dropped = [] if has_ended else scope.discard()
    if reason and dropped:
        logger.warning(
            "%s. Dropped with it were %d effects: %s",
            reason,
            len(dropped),
            counted(dropped),
        )


class _Exited:
    """Exits a scope, unless that was done; the block is told whether it has ended."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._warning: Warning | None = None

    def __enter__(self) -> bool:
        scope = self._scope
        # A view may end it itself, through `request.airlock_scope`.
        if scope.is_active:
            try:
                scope.exit()
            except Warning as warning:
                self._warning = warning
        return scope.is_flushed or scope.is_discarded

    def __exit__(self, *reason: object) -> None:
        # Last: where a warning is an error it must not leave the scope in between.
        if self._warning is not None:
            raise self._warning
