"""One scope per request, sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async

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
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
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
        scope = self._enter(request)
        try:
            response: HttpResponseBase = self.get_response(request)
            is_flush = self.should_flush(request, response)
        except BaseException:
            self._abandon(scope)
            raise
        scope.exit()
        if is_flush:
            scope.flush()
        else:
            scope.discard()
        return response

    async def _call_async(self, request: HttpRequest) -> HttpResponseBase:
        scope = self._enter(request)
        try:
            response: HttpResponseBase = await self.get_response(request)
            is_flush = self.should_flush(request, response)
        except BaseException:
            self._abandon(scope)
            raise
        scope.exit()
        if not is_flush:
            scope.discard()
        elif scope.intents:
            # The database connection belongs to the thread that sync code runs in.
            await sync_to_async(scope.flush)()
        else:
            scope.flush()
        return response

    @staticmethod
    def _enter(request: HttpRequest) -> Scope:
        scope = make_scope().enter()
        setattr(request, "airlock_scope", scope)  # noqa: B010 - not in its type
        return scope

    @staticmethod
    def _abandon(scope: Scope) -> None:
        scope.exit()
        scope.discard()
