"""Views that wait for a test, so that a client can leave meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING

from django.http import HttpResponse, StreamingHttpResponse

import airlock
from bakery.tasks import deliver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from django.http import HttpRequest

PATIENCE = 10.0

begun = Event()
go = Event()


def slow(request: HttpRequest) -> HttpResponse:
    """Enqueue before and after what takes long."""
    airlock.enqueue(deliver, "rye")
    begun.set()
    assert go.wait(PATIENCE)
    airlock.enqueue(deliver, "spelt")
    return HttpResponse(status=int(request.GET.get("status", "200")))


def slow_stream(request: HttpRequest) -> StreamingHttpResponse:
    """Do so in a chunk."""

    def chunks() -> Iterator[bytes]:
        slow(request)
        yield b"a"

    return StreamingHttpResponse(chunks())


async def slow_async(request: HttpRequest) -> HttpResponse:
    """Do so in a coroutine, which can be cancelled."""
    del request
    airlock.enqueue(deliver, "rye")
    begun.set()
    await asyncio.sleep(PATIENCE)
    return HttpResponse()


async def stubborn(request: HttpRequest) -> HttpResponse:
    """Be cancelled, and answer all the same."""
    with suppress(asyncio.CancelledError):
        await slow_async(request)
    return HttpResponse("stubborn")


async def quiet(request: HttpRequest) -> HttpResponse:
    """Be cancelled without having enqueued anything."""
    del request
    begun.set()
    await asyncio.sleep(PATIENCE)
    return HttpResponse()


async def endless(request: HttpRequest) -> StreamingHttpResponse:
    """Answer some steps of the loop after it has begun, and stream for ever."""

    async def chunks() -> AsyncIterator[bytes]:
        while True:
            yield b"a"
            await asyncio.sleep(0)

    begun.set()
    for _ in range(int(request.GET["steps"])):
        await asyncio.sleep(0)
    return StreamingHttpResponse(chunks())
