"""One request to Django's ASGI handler, and what its client does meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.handlers.asgi import ASGIHandler

PATIENCE = 10.0


class Exchange:
    """A client that reads what it is sent, and may hang up.

    Args:
        path: What it asks for, with the query.
        leaves_after: It hangs up on the message with that number.
    """

    def __init__(self, path: str, *, leaves_after: int | None = None) -> None:
        self._path, _, self._query = path.partition("?")
        self._leaves_after = leaves_after
        self._gone = asyncio.Event()
        self._is_asked = False
        self.messages: list[dict[str, Any]] = []

    @property
    def body(self) -> bytes:
        """What has arrived."""
        return b"".join(message.get("body", b"") for message in self.messages)

    def hang_up(self) -> None:
        """Close the connection."""
        self._gone.set()

    async def run(self) -> None:
        """Have the request handled to its end."""
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "path": self._path,
            "query_string": self._query.encode(),
            "headers": [(b"host", b"testserver")],
        }
        async with asyncio.timeout(PATIENCE):
            await ASGIHandler()(scope, self._receive, self._send)  # type: ignore[arg-type]

    async def _receive(self) -> dict[str, Any]:
        if not self._is_asked:
            self._is_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if len(self.messages) == self._leaves_after:
            self.hang_up()
            # A server makes the sender wait for a client that does not read.
            await asyncio.sleep(PATIENCE)
