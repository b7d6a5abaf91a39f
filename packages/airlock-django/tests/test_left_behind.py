"""What a request leaves behind: open scopes, and responses that nobody reads."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import sync_to_async
from bakery.tasks import deliver, fail
from django.http import HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, RequestFactory

import airlock
from airlock.integrations.django import AirlockMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


def respond(
    view: Callable[[HttpRequest], HttpResponseBase],
    *,
    is_async: bool,
    middleware: type[AirlockMiddleware] = AirlockMiddleware,
) -> Any:
    """Return what the middleware makes of a view, and check that nothing stays."""
    request = RequestFactory().get("/")

    async def main() -> Any:
        async def get_response(request: HttpRequest) -> HttpResponseBase:
            return view(request)

        before = airlock.get_current_scope()
        try:
            return await middleware(get_response)(request)  # type: ignore[misc]
        finally:
            assert airlock.get_current_scope() is before

    if is_async:
        return asyncio.run(main())
    try:
        return middleware(view)(request)
    finally:
        assert airlock.get_current_scope() is None


class Source:
    """Chunks that somebody has to close."""

    def __init__(self) -> None:
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"a"])

    def close(self) -> None:
        """Be closed, and fail to."""
        self.is_closed = True
        raise OSError


class Undecided(AirlockMiddleware):
    """Fails to decide."""

    def should_flush(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        """Raise."""
        raise ConnectionError(request.path, response.status_code)


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.filterwarnings("default:.*still active:RuntimeWarning")
def test_a_scope_that_a_view_leaves_open_ends_with_the_request(
    baked: list[str], *, is_async: bool
) -> None:
    """It must not be current for the next request in this thread."""
    kept: list[airlock.Scope] = []

    def view(request: HttpRequest) -> HttpResponse:
        del request
        airlock.enqueue(deliver, "rye")
        kept.append(airlock.scope().enter())
        return HttpResponse()

    with pytest.warns(RuntimeWarning, match="still active"):
        respond(view, is_async=is_async)

    assert baked == ["deliver rye"]
    kept[0].exit()
    kept[0].discard()


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.filterwarnings("error:.*still active:RuntimeWarning")
def test_where_warnings_are_errors_the_scope_is_settled_first(
    baked: list[str], status: int, *, is_async: bool
) -> None:
    """As a `with` block does it."""
    kept: list[airlock.Scope] = []

    def view(request: HttpRequest) -> HttpResponse:
        airlock.enqueue(deliver, "rye")
        kept.append(request.airlock_scope)  # type: ignore[attr-defined]
        kept.append(airlock.scope().enter())
        return HttpResponse(status=status)

    with pytest.raises(RuntimeWarning):
        respond(view, is_async=is_async)

    assert (kept[0].is_flushed, kept[0].is_discarded) == (status == 200, status == 400)
    assert baked == (["deliver rye"] if status == 200 else [])
    kept[1].exit()
    kept[1].discard()


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize("middleware", [AirlockMiddleware, Undecided])
def test_a_stream_that_an_error_replaces_is_closed(
    middleware: type[AirlockMiddleware], *, is_async: bool
) -> None:
    """Django answers 500, and nobody reads it; the error is what is raised."""
    source = Source()

    def view(request: HttpRequest) -> StreamingHttpResponse:
        del request
        airlock.enqueue(fail, "rye")
        return StreamingHttpResponse(source)

    with pytest.raises(ConnectionError):
        respond(view, is_async=is_async, middleware=middleware)

    assert source.is_closed


@pytest.mark.django_db(transaction=True)
def test_a_sync_stream_cannot_await_its_effects_under_asgi_either() -> None:
    """Django reads it in a thread, and the error says what to do."""

    async def main() -> None:
        response: Any = await AsyncClient().get("/stream/awaited/")
        await sync_to_async(lambda: list(response.streaming_content))()

    with pytest.raises(airlock.AsyncDispatchError, match="Stream an async iterator"):
        asyncio.run(main())
