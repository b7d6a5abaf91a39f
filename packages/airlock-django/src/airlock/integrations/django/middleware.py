"""One scope per request, sync and async."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async

import airlock
from airlock import ArgumentError
from airlock.integrations.django.settings import make_scope

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from airlock import Scope
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

# Statuses from here on mean that the request failed.
FIRST_ERROR_STATUS = 400


class AirlockMiddleware:
    """Surround each request with a scope, ``request.airlock_scope``.

    The response decides: see `should_flush`. What leaves waits for the
    transaction, as the scope class that ``AIRLOCK["SCOPE"]`` names does.

    Raises:
        ArgumentError: If a subclass decides in a coroutine function.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        if iscoroutinefunction(self.should_flush):
            raise ArgumentError(
                f"{type(self).__qualname__}.should_flush()",
                "`async def`, which nobody awaits",
                "a plain `def`",
            )
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def should_flush(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        """Say whether the effects of this request may leave.

        By default they leave unless the status is 4xx or 5xx. An exception that
        reaches the middleware discards without asking.
        """
        del request
        return response.status_code < FIRST_ERROR_STATUS

    def __call__(
        self, request: HttpRequest
    ) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Handle one request."""
        if self._is_async:
            return self._call_async(request)
        scope = _open(request)
        try:
            response: HttpResponseBase = self.get_response(request)
            is_flush = self.should_flush(request, response)
        except BaseException:
            _end(scope, is_flush=False)
            raise
        _end(scope, is_flush=is_flush)
        return response

    async def _call_async(self, request: HttpRequest) -> HttpResponseBase:
        scope = _open(request)
        try:
            response: HttpResponseBase = await self.get_response(request)
            is_flush = self.should_flush(request, response)
        except BaseException:
            _end(scope, is_flush=False)
            raise
        if is_flush and scope.is_active and scope.intents:
            await _end_in_thread(scope)
        else:
            _end(scope, is_flush=is_flush)
        return response


def _open(request: HttpRequest) -> Scope:
    scope = airlock.scope(_cls=make_scope).enter()
    setattr(request, "airlock_scope", scope)  # noqa: B010 - not in its type
    return scope


def _end(scope: Scope, *, is_flush: bool) -> None:
    # The view may have ended the scope itself, through `request.airlock_scope`.
    if scope.is_active:
        scope.exit()
    if scope.is_flushed or scope.is_discarded:
        return
    if is_flush:
        scope.flush()
    else:
        scope.discard()


async def _end_in_thread(scope: Scope) -> None:
    """Flush where sync code may run, and where its database connection is."""
    scope.exit()
    flushing = asyncio.ensure_future(sync_to_async(scope.flush)())
    try:
        await asyncio.shield(flushing)
    except asyncio.CancelledError:
        # The request is done and perhaps committed: its effects still leave.
        await flushing
        raise
