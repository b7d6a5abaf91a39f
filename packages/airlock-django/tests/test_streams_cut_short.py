"""Responses that stream, and break or lose their client on the way."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest
from asgi_exchange import Exchange
from bakery.tasks import deliver
from django.http import StreamingHttpResponse
from django.test import RequestFactory
from stream_reading import VIEW, asked, asked_async, served

import airlock
from airlock.integrations.django import AirlockMiddleware

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from django.http import HttpRequest

# The handlers of servers look after the connections.
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_stream_that_breaks_drops_its_effects(baked: list[str]) -> None:
    """Not those of the view, which had returned."""
    response = asked("/stream/?breaks")

    with pytest.raises(LookupError):
        list(response.streaming_content)
    assert baked == VIEW


def test_an_async_stream_that_breaks_drops_its_effects(baked: list[str]) -> None:
    """The same."""

    async def main() -> None:
        response = await asked_async("/async/stream/?breaks")
        with pytest.raises(LookupError):
            [chunk async for chunk in response.streaming_content]

    asyncio.run(main())

    assert baked == VIEW


def test_a_stream_that_is_closed_early_drops_its_effects(
    baked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A server closes the response of a client that left.

    The generator is closed inside the scope: it may enqueue while it tidies up.
    """
    response = served("/stream/")
    next(iter(response))
    response.close()

    assert baked == [*VIEW, "closed"]
    [record] = [r for r in caplog.records if r.name == "airlock"]
    assert record.getMessage() == (
        "The response to GET /stream/ was not read to its end. Dropped with it were 2 "
        "effects: bakery.tasks:deliver (2)"
    )


def test_a_stream_that_nobody_reads_has_no_effects(
    baked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """As after HEAD."""
    served("/stream/").close()

    assert baked == VIEW
    assert [r for r in caplog.records if r.name == "airlock"] == []


@pytest.mark.parametrize("leaves_after", [2, 3])
def test_a_client_that_leaves_an_async_stream_drops_its_effects(
    leaves_after: int, baked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """While a chunk is being sent: the first message is the status."""

    async def main() -> None:
        await Exchange("/async/stream/", leaves_after=leaves_after).run()
        gc.collect()
        await asyncio.sleep(0)

    asyncio.run(main())

    assert "deliver oat" not in baked
    assert "deliver rye" not in baked
    [record] = [r for r in caplog.records if r.name == "airlock"]
    assert "was not read to its end" in record.getMessage()


def test_a_client_that_leaves_while_a_chunk_is_made(
    baked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The coroutine is cancelled in the middle of it."""

    async def main() -> None:
        begun = asyncio.Event()

        async def chunks() -> AsyncIterator[str]:
            airlock.enqueue(deliver, "rye")
            begun.set()
            await asyncio.sleep(10)
            yield "a"

        async def view(request: HttpRequest) -> StreamingHttpResponse:
            del request
            return StreamingHttpResponse(chunks())

        response = await AirlockMiddleware(view)(RequestFactory().get("/"))  # type: ignore[misc]
        reading = asyncio.ensure_future(anext(aiter(response)))
        await begun.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        response.close()

    asyncio.run(main())

    assert baked == []
    assert [r.name for r in caplog.records if "read to its end" in r.getMessage()] == [
        "airlock"
    ]


@pytest.mark.parametrize("stop", [SystemExit, KeyboardInterrupt, LookupError])
def test_what_a_chunk_raises_settles_the_scope(
    stop: type[BaseException], baked: list[str]
) -> None:
    """Whatever it is, and it is raised unchanged."""
    kept: list[airlock.Scope | None] = []

    def chunks() -> Iterator[bytes]:
        airlock.enqueue(deliver, "rye")
        kept.append(airlock.get_current_scope())
        yield b"a"
        raise stop

    def view(request: HttpRequest) -> StreamingHttpResponse:
        del request
        return StreamingHttpResponse(chunks())

    response: Any = AirlockMiddleware(view)(RequestFactory().get("/"))
    with pytest.raises(stop):
        list(response)

    [scope] = kept
    assert scope is not None
    assert scope.is_discarded
    assert baked == []
