"""Views whose answer streams."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from django.http import FileResponse, StreamingHttpResponse

import airlock
from bakery.tasks import bake_slowly, deliver, done, fail, note_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from django.http import HttpRequest


def chunks(*, breaks: bool = False) -> Iterator[str]:
    """Make two chunks, with an effect each, and one more after the last."""
    try:
        airlock.enqueue(deliver, "rye")
        yield "a"
        if breaks:
            raise LookupError("out of flour")
        airlock.enqueue(deliver, "spelt")
        yield "b"
        airlock.enqueue(deliver, "oat")
    except GeneratorExit:
        done.append("closed")
        airlock.enqueue(deliver, "never")


async def chunks_async(*, breaks: bool = False) -> AsyncIterator[str]:
    """Do so in a coroutine."""
    airlock.enqueue(deliver, "rye")
    yield "a"
    if breaks:
        raise LookupError("out of flour")
    airlock.enqueue(deliver, "spelt")
    yield "b"
    airlock.enqueue(deliver, "oat")


def quiet_region() -> Iterator[str]:
    """Hold a region open across chunks."""
    with airlock.policy(airlock.DropAll()):
        yield "a"
        airlock.enqueue(deliver, "rye")
        yield "b"
    airlock.enqueue(deliver, "spelt")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Order barley in the view, and the rest in its chunks."""
    airlock.enqueue(deliver, "barley")
    status = int(request.GET.get("status", "200"))
    return StreamingHttpResponse(chunks(breaks="breaks" in request.GET), status=status)


async def stream_async(request: HttpRequest) -> StreamingHttpResponse:
    """Do so in a coroutine."""
    airlock.enqueue(deliver, "barley")
    status = int(request.GET.get("status", "200"))
    made = chunks_async(breaks="breaks" in request.GET)
    return StreamingHttpResponse(made, status=status)


def crossed(request: HttpRequest) -> StreamingHttpResponse:
    """Answer a sync view with an async iterator."""
    del request
    return StreamingHttpResponse(chunks_async())


def broken(request: HttpRequest) -> StreamingHttpResponse:
    """Stream, with an effect that cannot be dispatched."""
    del request

    def made() -> Iterator[str]:
        airlock.enqueue(fail, "rye")
        yield "a"

    return StreamingHttpResponse(made())


def awaited(request: HttpRequest) -> StreamingHttpResponse:
    """Stream from a sync iterator, with an effect that has to be awaited."""
    del request

    def made() -> Iterator[str]:
        airlock.enqueue(bake_slowly, "rye")
        yield "a"

    return StreamingHttpResponse(made())


def region(request: HttpRequest) -> StreamingHttpResponse:
    """Stream from within a region."""
    del request
    return StreamingHttpResponse(quiet_region())


async def threads(request: HttpRequest) -> StreamingHttpResponse:
    """Tell in which thread the effects of a stream leave."""
    del request

    async def made() -> AsyncIterator[str]:
        airlock.enqueue(note_thread)
        yield "a"

    return StreamingHttpResponse(made())


def send_file(request: HttpRequest) -> FileResponse:
    """Answer with a file."""
    del request
    return FileResponse(io.BytesIO(b"bread"))


def generated_file(request: HttpRequest) -> FileResponse:
    """Answer with a file that is made while it is sent."""
    del request
    return FileResponse(chunks())
