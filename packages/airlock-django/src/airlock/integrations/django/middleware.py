"""One scope per request, sync and async."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction

from airlock import ArgumentError, Place
from airlock.integrations.django.boundary import aflush, begin, discard, flush
from airlock.integrations.django.outlasting import outlast
from airlock.integrations.django.stream import close_unread, in_own_scope

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
    transaction, as the scope class that ``AIRLOCK["SCOPE"]`` names does. A response
    that streams has a second scope, in which its chunks are made.

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
        reaches the middleware discards without asking. Asked once, when the view has
        returned; the answer holds for the chunks of a stream as well.
        """
        del request
        return response.status_code < FIRST_ERROR_STATUS

    def __call__(
        self, request: HttpRequest
    ) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Handle one request."""
        if self._is_async:
            return outlast(self._handle(request), partial(_is_to_stop, request))
        # A scope that the view left open must not be current for the next request.
        with Place():
            scope = _open(request)
            try:
                response: HttpResponseBase = self.get_response(request)
            except BaseException as error:
                _drop(scope, request, error)
                raise
            try:
                is_flush = self.should_flush(request, response)
                if is_flush:
                    flush(scope)
                else:
                    discard(scope)
            except BaseException as error:
                # Django answers with another one.
                close_unread(response)
                _drop(scope, request, error)
                raise
        in_own_scope(request, response, is_flush=is_flush)
        return response

    async def _handle(self, request: HttpRequest) -> HttpResponseBase:
        with Place():
            scope = _open(request)
            try:
                response: HttpResponseBase = await self.get_response(request)
            except BaseException as error:
                _drop(scope, request, error)
                raise
            try:
                is_flush = self.should_flush(request, response)
                if is_flush:
                    await aflush(scope)
                else:
                    discard(scope)
            except BaseException as error:
                # Django answers with another one.
                close_unread(response)
                _drop(scope, request, error)
                raise
        in_own_scope(request, response, is_flush=is_flush)
        return response


def _open(request: HttpRequest) -> Scope:
    scope = begin()
    setattr(request, "airlock_scope", scope)  # noqa: B010 - not in its type
    return scope


def _drop(scope: Scope, request: HttpRequest, error: BaseException) -> None:
    reason = ""
    if isinstance(error, asyncio.CancelledError):
        # Nothing else tells of it: Django logs errors alone.
        who = f"{request.method} {request.path}"
        reason = f"{who} was cancelled, as when its client disconnects"
    discard(scope, reason)


def _is_to_stop(request: HttpRequest) -> bool:
    """Tell whether a cancellation, as of a client that is gone, can reach the view.

    The thread of a sync view goes on whatever happens, and may commit. So may that of
    a sync hook of a middleware, which runs before the view is known.
    """
    match = request.resolver_match
    return match is not None and iscoroutinefunction(match.func)
