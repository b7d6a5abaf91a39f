"""The payment provider, which also looks at the shop while it is being asked."""

from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self
from urllib.parse import parse_qs, urlsplit

from django.db import connections
from django.utils import timezone

from demo.child import DemoError
from journal.models import Run
from queues.choice import queue
from shop.models import Order


@dataclass(frozen=True, slots=True)
class Look:
    """What could be seen from outside while a request's transaction was open."""

    at: datetime
    orders: int
    queued: int
    running: int


class Provider:
    """An HTTP server in a thread: the card "good" is accepted, any other declined."""

    def __init__(self) -> None:
        self._looks: list[Look] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def last_look(self) -> Look:
        """Return what the provider saw, once; raise `DemoError` if it was not asked."""
        if not self._looks:
            raise DemoError("The view did not ask the payment provider.")
        return self._looks.pop()

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        looks = self._looks

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                looks.append(look())
                (card,) = parse_qs(urlsplit(self.path).query)["card"]
                self.send_response(200 if card == "good" else 402)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep quiet: the timeline tells."""

        return Handler


def look() -> Look:
    """Count what another process than the shop's server can see."""
    try:
        return Look(
            at=timezone.now(),
            orders=Order.objects.count(),
            queued=queue.pending(),
            running=Run.objects.filter(ended_at=None).count(),
        )
    finally:
        connections.close_all()
