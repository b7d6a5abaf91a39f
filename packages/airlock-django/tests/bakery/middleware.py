"""Middlewares as projects write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airlock.integrations.django import AirlockMiddleware

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


class OnlySuccess(AirlockMiddleware):
    """Flush on 2xx alone."""

    def should_flush(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        """Decide by the status."""
        del request
        return 200 <= response.status_code < 300


class Deferring(AirlockMiddleware):
    """Decides in a coroutine, which counts as True."""

    async def should_flush(  # type: ignore[override]
        self, request: HttpRequest, response: HttpResponseBase
    ) -> bool:
        """Refuse, but nobody asks."""
        del request, response
        return False


class Undecided(AirlockMiddleware):
    """Fails to decide."""

    def should_flush(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        """Raise."""
        raise LookupError(request.path, response.status_code)
