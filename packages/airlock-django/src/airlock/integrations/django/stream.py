"""Streaming responses: a scope of their own, while each chunk is made."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from airlock import AsyncDispatchError, Place
from airlock.integrations.django.boundary import aflush, begin, discard, flush
from django.http import StreamingHttpResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

_END: Any = object()
REMEDY = "Stream an async iterator, under ASGI"


def in_own_scope(
    request: HttpRequest, response: HttpResponseBase, *, is_flush: bool
) -> None:
    """Have the chunks of a response, if it streams, made in a scope of their own.

    Args:
        request: What is answered.
        response: The answer. One that sends a file stays as it is: servers have
            faster ways to send it.
        is_flush: Whether effects may leave when the stream is exhausted.
    """
    if not isinstance(response, StreamingHttpResponse):
        return
    if getattr(response, "file_to_stream", None) is not None:
        return
    kind = AsyncStream if response.is_async else Stream
    answer: Any = response
    title = f"{request.method} {request.path}"
    stream = kind(answer.streaming_content, title, is_flush=is_flush)
    # Django has no other place where it keeps the close() of a generator.
    closers = answer._resource_closers  # noqa: SLF001
    closers[:] = [partial(stream.inside, close) for close in closers]
    answer.streaming_content = stream


def close_unread(response: HttpResponseBase) -> None:
    """Close the sources of a response that nobody will read.

    Not the response: that would tell Django that the request is over.
    """
    answer: Any = response
    closers = answer._resource_closers  # noqa: SLF001 - as below
    while closers:
        # As Django does: what fails to close must not hide why it is closed.
        with suppress(Exception):
            closers.pop(0)()


class _Streaming:
    """The scope of a stream, and the place where it is current.

    Args:
        title: Names the request in a log line.
        is_flush: Whether effects may leave at the end.
    """

    def __init__(self, title: str, *, is_flush: bool) -> None:
        self._title = title
        self._is_flush = is_flush
        self._place = Place()
        with self._place:
            self._scope = begin()

    def inside(self, close: Callable[[], object]) -> None:
        """Close a source of the stream where its chunks were made."""
        with self._place:
            close()

    def close(self) -> None:
        """Discard, unless the stream has ended; be told by the response."""
        reason = f"The response to {self._title} was not read to its end"
        self._discard(reason)

    def _discard(self, reason: str = "") -> None:
        with self._place:
            discard(self._scope, reason)

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError):
            self.close()
        self._discard()


class Stream(_Streaming):
    """The chunks of a sync iterator."""

    def __init__(self, chunks: Iterator[bytes], title: str, *, is_flush: bool) -> None:
        super().__init__(title, is_flush=is_flush)
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            with self._place:
                chunk = next(self._chunks, _END)
        except BaseException as error:
            self._fail(error)
            raise
        if chunk is not _END:
            return chunk
        self._finish()
        raise StopIteration

    def _finish(self) -> None:
        if not self._is_flush:
            self._discard()
        with self._place:
            try:
                flush(self._scope)
            except AsyncDispatchError as error:
                error.args = (error.args[0], REMEDY)
                raise


class AsyncStream(_Streaming):
    """The chunks of an async iterator."""

    def __init__(
        self, chunks: AsyncIterator[bytes], title: str, *, is_flush: bool
    ) -> None:
        super().__init__(title, is_flush=is_flush)
        self._chunks = chunks

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            with self._place:
                chunk = await anext(self._chunks, _END)
        except BaseException as error:
            self._fail(error)
            raise
        if chunk is not _END:
            return chunk
        await self._finish()
        raise StopAsyncIteration

    async def _finish(self) -> None:
        if not self._is_flush:
            self._discard()
        with self._place:
            await aflush(self._scope)
