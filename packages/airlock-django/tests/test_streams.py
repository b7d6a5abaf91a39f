"""Responses that stream: a scope of their own, while each chunk is made."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any
from wsgiref.util import FileWrapper

import pytest
from asgi_exchange import Exchange
from bakery.tasks import deliver
from django.core.handlers.wsgi import WSGIHandler
from django.http import StreamingHttpResponse
from django.test import AsyncClient, Client, RequestFactory

import airlock
from airlock.integrations.django import AirlockMiddleware

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from django.http import HttpRequest
    from pytest_django import Settings

# The handlers of servers look after the connections.
pytestmark = pytest.mark.django_db(transaction=True)

VIEW = ["deliver barley"]
ALL = [*VIEW, "deliver rye", "deliver spelt", "deliver oat"]


def served(path: str) -> Any:
    """Return what a WSGI server gets: the test client reads in a way of its own."""
    environ = RequestFactory().get(path).environ
    return WSGIHandler()({**environ, "wsgi.file_wrapper": FileWrapper}, _started)


def _started(*given: object) -> Any:
    del given


def asked(path: str) -> Any:
    """Return the response, not read yet."""
    return Client().get(path)


async def asked_async(path: str) -> Any:
    """Do so with an async handler."""
    return await AsyncClient().get(path)


async def streamed(path: str) -> list[bytes]:
    """Read a response to its end, as the ASGI handler does."""
    exchange = Exchange(path)
    await exchange.run()
    return [m["body"] for m in exchange.messages if m.get("body")]


def test_the_effects_of_a_stream_leave_when_it_is_exhausted(baked: list[str]) -> None:
    """Those of the view left when it returned."""
    response = asked("/stream/")
    assert baked == VIEW

    chunks: list[bytes] = []
    for chunk in response.streaming_content:
        chunks.append(chunk)
        assert airlock.get_current_scope() is None
        assert baked == VIEW

    assert (chunks, baked) == ([b"a", b"b"], ALL)


def test_the_effects_of_an_async_stream_leave_when_it_is_exhausted(
    baked: list[str],
) -> None:
    """The same, between the chunks of a coroutine."""

    async def main() -> list[bytes]:
        response = await asked_async("/async/stream/")
        assert baked == VIEW
        chunks: list[bytes] = []
        async for chunk in response.streaming_content:
            chunks.append(chunk)
            assert airlock.get_current_scope() is None
            assert baked == VIEW
        return chunks

    assert asyncio.run(main()) == [b"a", b"b"]
    assert baked == ALL


def test_the_asgi_handler_reads_an_async_stream(baked: list[str]) -> None:
    """What a server does."""
    assert asyncio.run(streamed("/async/stream/")) == [b"a", b"b"]
    assert baked == ALL


def test_a_sync_stream_under_asgi(baked: list[str]) -> None:
    """Django reads it in a thread, at once, and warns."""
    with pytest.warns(Warning, match="synchronous iterators"):
        chunks = asyncio.run(streamed("/stream/"))

    assert (chunks, baked) == ([b"a", b"b"], ALL)


def test_an_async_stream_under_wsgi(baked: list[str]) -> None:
    """Django reads it on a loop, at once, and warns."""
    response = asked("/stream/crossed/")

    with pytest.warns(Warning, match="asynchronous iterators"):
        chunks = list(response)

    assert chunks == [b"a", b"b"]
    assert baked == ALL[1:]


def test_effects_of_an_async_stream_leave_outside_the_event_loop(
    baked: list[str],
) -> None:
    """As those of an async view."""
    asyncio.run(streamed("/async/stream/threads/"))

    assert baked == ["no loop"]


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


@pytest.mark.parametrize("path", ["/stream/?status=500", "/async/stream/?status=500"])
def test_the_decision_holds_for_the_stream_too(path: str, baked: list[str]) -> None:
    """`should_flush` is asked once, when the view has returned."""
    if "async" in path:
        chunks = asyncio.run(streamed(path))
    else:
        chunks = list(asked(path).streaming_content)

    assert chunks == [b"a", b"b"]
    assert baked == []


def test_a_region_stays_open_across_chunks(baked: list[str]) -> None:
    """What the generator left current is current again in its next chunk."""
    for _ in asked("/stream/region/").streaming_content:
        airlock_outside = airlock.get_current_scope()
        assert airlock_outside is None

    assert baked == ["deliver spelt"]


def test_a_file_stays_a_file() -> None:
    """Servers have a faster way to send one."""
    sent = served("/file/")

    assert type(sent) is FileWrapper
    assert b"".join(sent) == b"bread"
    sent.close()


def test_a_file_has_its_length() -> None:
    """A stream has none."""
    assert asked("/file/")["Content-Length"] == "5"


def test_a_file_that_is_made_while_it_is_sent_is_a_stream(baked: list[str]) -> None:
    """Its chunks have effects as any other's."""
    assert b"".join(asked("/file/generated/").streaming_content) == b"ab"
    assert baked == ALL[1:]


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


def test_a_compressed_stream_has_effects_too(
    baked: list[str], settings: Settings
) -> None:
    """A middleware around wraps the chunks once more."""
    settings.MIDDLEWARE = [
        "django.middleware.gzip.GZipMiddleware",
        "airlock.integrations.django.AirlockMiddleware",
    ]
    response: Any = Client().get("/stream/", headers={"accept-encoding": "gzip"})

    assert b"".join(response.streaming_content)[:2] == b"\x1f\x8b"
    assert baked == ALL
