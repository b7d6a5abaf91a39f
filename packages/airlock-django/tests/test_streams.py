"""Responses that stream: a scope of their own, while each chunk is made."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from wsgiref.util import FileWrapper

import pytest
from django.test import Client
from stream_reading import ALL, VIEW, asked, asked_async, served, streamed

import airlock

if TYPE_CHECKING:
    from pytest_django import Settings

# The handlers of servers look after the connections.
pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_server_may_make_each_chunk_in_another_thread(baked: list[str]) -> None:
    """The scope is current in each of them, and in none afterwards."""
    response = served("/stream/")
    iterator = iter(response)

    def step() -> tuple[bytes | None, airlock.Scope | None]:
        return next(iterator, None), airlock.get_current_scope()

    made: list[tuple[bytes | None, airlock.Scope | None]] = []
    for _ in range(3):
        with ThreadPoolExecutor(1) as pool:
            made.append(pool.submit(step).result())
    response.close()

    assert made == [(b"a", None), (b"b", None), (None, None)]
    assert baked == ALL


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
