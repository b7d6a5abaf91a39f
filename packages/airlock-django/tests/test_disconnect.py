"""A client that leaves before it is answered, with Django's ASGI handler."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING

import pytest
from asgi_exchange import Exchange
from bakery import slow
from bakery.tasks import bake, deliver, fail
from django.http import HttpResponse
from django.test import RequestFactory

import airlock
from airlock.integrations.django import AirlockMiddleware

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from pytest_django import Settings

# What ends ends at once.
PATIENCE = 2.0

seen: ContextVar[str] = ContextVar("seen", default="nothing")


@pytest.fixture(autouse=True)
def _gates() -> Iterator[None]:
    """Each test opens them itself."""
    slow.begun.clear()
    slow.go.clear()
    yield
    slow.go.set()


async def leave(path: str, *, times: int = 1) -> Exchange:
    """Ask for something, and leave while it is being made."""
    exchange = Exchange(path)
    handling = asyncio.ensure_future(exchange.run())
    await asyncio.to_thread(slow.begun.wait, slow.PATIENCE)
    exchange.hang_up()
    await asyncio.sleep(0.05)
    for _ in range(times - 1):
        # As a server does that has no more patience.
        handling.cancel()
        await asyncio.sleep(0.01)
    slow.go.set()
    try:
        await handling
    except asyncio.CancelledError:
        assert times > 1
    return exchange


def test_a_sync_view_goes_on_and_its_effects_leave(
    baked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing stops its thread, and what it commits is committed."""
    exchange = asyncio.run(leave("/slow/"))

    assert baked == ["deliver rye", "deliver spelt"]
    assert exchange.messages == []
    assert [r for r in caplog.records if r.name.startswith("airlock")] == []


def test_a_sync_view_that_goes_on_decides_by_its_response(baked: list[str]) -> None:
    """That nobody reads it does not make it a success."""
    asyncio.run(leave("/slow/?status=400"))

    assert baked == []


def test_a_server_that_has_no_patience_changes_nothing(baked: list[str]) -> None:
    """A second cancellation finds the thread where it was."""
    asyncio.run(leave("/slow/", times=3))

    assert baked == ["deliver rye", "deliver spelt"]


def test_a_sync_stream_goes_on_and_its_effects_leave(baked: list[str]) -> None:
    """Django reads all of it in a thread, before it sends anything."""
    with pytest.warns(Warning, match="synchronous iterators"):
        asyncio.run(leave("/slow/stream/"))

    assert baked == ["deliver rye", "deliver spelt"]


def test_an_async_view_is_cancelled_and_its_effects_are_dropped(
    baked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """It did not finish; a line tells of it."""
    asyncio.run(leave("/async/slow/"))

    assert baked == []
    [record] = [r for r in caplog.records if r.name == "airlock"]
    assert record.levelname == "WARNING"
    assert record.getMessage() == (
        "GET /async/slow/ was cancelled, as when its client disconnects. Dropped with "
        "it were 1 effects: bakery.tasks:deliver (1)"
    )


def test_an_async_view_behind_a_sync_middleware(
    baked: list[str], caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    """The request is handled in a thread, which awaits the view."""
    settings.MIDDLEWARE = [
        "bakery.middleware.only_sync",
        "airlock.integrations.django.AirlockMiddleware",
    ]
    asyncio.run(leave("/async/slow/"))

    assert baked == []
    [record] = [r for r in caplog.records if r.name == "airlock"]
    assert "was cancelled" in record.getMessage()


def test_a_sync_view_behind_a_sync_middleware(
    baked: list[str], settings: Settings
) -> None:
    """The same thread, which goes on."""
    settings.MIDDLEWARE = [
        "bakery.middleware.only_sync",
        "airlock.integrations.django.AirlockMiddleware",
    ]
    asyncio.run(leave("/slow/"))

    assert baked == ["deliver rye", "deliver spelt"]


@pytest.mark.parametrize("path", ["/browse/", "/async/browse/"])
def test_a_sync_hook_before_the_view_goes_on_and_its_effects_leave(
    path: str, baked: list[str], settings: Settings
) -> None:
    """Its thread is not stopped either, whatever kind of view comes after it."""
    settings.MIDDLEWARE = [
        "airlock.integrations.django.AirlockMiddleware",
        "bakery.middleware.Slow",
    ]
    asyncio.run(leave(path))

    assert baked == ["deliver rye", "deliver spelt"]


def test_an_async_view_that_enqueued_nothing_is_cancelled_without_a_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Clients leave all the time."""
    asyncio.run(leave("/async/quiet/"))

    assert [r for r in caplog.records if r.name == "airlock"] == []


@pytest.mark.parametrize("steps", range(9))
def test_a_client_that_leaves_while_the_answer_is_handed_on(steps: int) -> None:
    """Whatever has finished by then, nothing streams for ever to nobody."""

    async def main() -> None:
        exchange = Exchange(f"/async/endless/?steps={steps}")
        handling = asyncio.ensure_future(exchange.run())
        # The number of steps of the loop is what matters here.
        while not slow.begun.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0)
        exchange.hang_up()
        await asyncio.wait([handling], timeout=PATIENCE)
        has_ended = handling.done()
        handling.cancel()
        await asyncio.wait([handling])
        assert has_ended

    asyncio.run(main())


def test_an_async_view_may_answer_though_it_was_cancelled(baked: list[str]) -> None:
    """Then it has finished, and the response decides."""
    asyncio.run(leave("/async/stubborn/"))

    assert baked == ["deliver rye"]


def test_a_view_may_be_cancelled_by_a_timeout(baked: list[str]) -> None:
    """Not every cancellation is a client's."""

    async def never(request: HttpRequest) -> HttpResponse:
        request.resolver_match = type("Match", (), {"func": never})  # type: ignore[assignment]
        airlock.enqueue(bake, "rye")
        await asyncio.Event().wait()
        return HttpResponse()

    async def main() -> None:
        async with asyncio.timeout(0.01):
            await AirlockMiddleware(never)(RequestFactory().get("/"))  # type: ignore[misc]

    with pytest.raises(TimeoutError):
        asyncio.run(main())

    assert baked == []


def test_an_error_after_the_client_has_left_is_raised() -> None:
    """A broker that is away is a failure, whoever reads of it."""

    def view(request: HttpRequest) -> HttpResponse:
        del request
        return HttpResponse()

    async def main() -> None:
        async def get_response(request: HttpRequest) -> HttpResponse:
            request.resolver_match = type("Match", (), {"func": view})  # type: ignore[assignment]
            airlock.enqueue(fail, "rye")
            await asyncio.sleep(0.05)
            return view(request)

        request = RequestFactory().get("/")
        handling = asyncio.ensure_future(AirlockMiddleware(get_response)(request))  # type: ignore[arg-type]
        await asyncio.sleep(0.01)
        handling.cancel()
        await handling

    with pytest.raises(ConnectionError):
        asyncio.run(main())


def test_context_variables_are_the_requests_own() -> None:
    """A middleware around sees what one inside, or the view, has set."""

    async def get_response(request: HttpRequest) -> HttpResponse:
        del request
        before = seen.get()
        seen.set("inside")
        return HttpResponse(before)

    async def main() -> tuple[bytes, str]:
        seen.set("around")
        response = await AirlockMiddleware(get_response)(RequestFactory().get("/"))  # type: ignore[misc]
        return response.content, seen.get()

    assert asyncio.run(main()) == (b"around", "inside")


@pytest.mark.parametrize("stop", [SystemExit, KeyboardInterrupt])
def test_what_ends_the_process_settles_the_scope(
    stop: type[BaseException], baked: list[str]
) -> None:
    """In an async view it passes through the loop as well."""
    kept: list[airlock.Scope] = []

    async def get_response(request: HttpRequest) -> HttpResponse:
        airlock.enqueue(deliver, "rye")
        kept.append(request.airlock_scope)  # type: ignore[attr-defined]
        raise stop

    async def main() -> None:
        await AirlockMiddleware(get_response)(RequestFactory().get("/"))  # type: ignore[misc]

    with pytest.raises(stop):
        asyncio.run(main())

    assert kept[0].is_discarded
    assert baked == []


def test_a_project_may_decide_about_a_response_that_nobody_reads(
    baked: list[str], settings: Settings
) -> None:
    """`should_flush` is asked as ever."""
    settings.MIDDLEWARE = ["bakery.middleware.OnlySuccess"]

    asyncio.run(leave("/slow/?status=302"))

    assert baked == []
