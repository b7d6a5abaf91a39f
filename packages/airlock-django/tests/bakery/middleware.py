"""Middlewares as projects write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.deprecation import MiddlewareMixin

from airlock.integrations.django import AirlockMiddleware
from bakery.slow import slow

if TYPE_CHECKING:
    from collections.abc import Callable

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


def only_sync(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Make a middleware that makes the request a sync one for those after it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    return middleware


class Slow(MiddlewareMixin):
    """Does in a hook, which Django runs in a thread, what takes long."""

    def process_request(self, request: HttpRequest) -> None:
        """Enqueue before and after."""
        slow(request)


class Undecided(AirlockMiddleware):
    """Fails to decide."""

    def should_flush(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        """Raise."""
        raise LookupError(request.path, response.status_code)


class Mendable(Exception):  # noqa: N818 - it is no error in the end
    """What a view raises for `Mending` to answer."""


class Mending(MiddlewareMixin):
    """Turns a view that failed into a response that did not."""

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        """Answer 200."""
        del request
        return HttpResponse("mended") if isinstance(exception, Mendable) else None
