"""A wire to a real server that a test can cut or leave hanging."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Failure = Literal["cut", "hang"]

# Seconds in which a busy server routes what it has read.
SETTLED = 0.5
# How a message begins on the wire.
REDIS = b"LPUSH"
AMQP = b"\x00\x3c\x00\x28"


class Proxy:
    """Passes everything to a server, until it has passed so many messages.

    Then it cuts the wire and refuses to connect, or answers nothing any more.

    Args:
        server: The port of the server.
        message: The bytes that begin a message.
    """

    def __init__(self, server: int, message: bytes) -> None:
        self._server = server
        self._message = message
        self._left: int | None = None
        self._failure: Failure | None = None
        self._clients: list[socket.socket] = []
        self._servers: list[socket.socket] = []
        self._listener = _listen()
        self.port: int = self._listener.getsockname()[1]
        self._is_closed = False
        self.has_failed = threading.Event()
        self.reads = 0
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def fail_after(self, messages: int, how: Failure) -> None:
        """Fail once that many more messages have been passed."""
        self._failure, self._left = how, messages
        if messages == 0:
            self._fail()

    def mend(self) -> None:
        """Cut the wire, and take new connections that work."""
        self._left = None
        self._drop()

    def _drop(self) -> None:
        # First: whoever sees that the wire is cut may look into the queue at once.
        while self._servers:
            _part(self._servers.pop())
        while self._clients:
            _close(self._clients.pop())

    def close(self) -> None:
        """Cut the wire, for good."""
        self._is_closed = True
        _close(self._listener)
        self._drop()

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._is_closed:
                client, _ = self._listener.accept()
                self._clients.append(client)
                if self._left != 0:
                    self._connect(client)
        # One may have come in while the others were dropped.
        self._drop()

    def _connect(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._server))
        self._servers.append(server)
        for pump in ((client, server), (server, client)):
            self._start(self._pump, *pump)

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def join(self) -> None:
        """Wait until what was cut is really closed, whichever thread does it."""
        while self._threads:
            self._threads.pop().join(10)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                self.reads += 1
                if self._left == 0:
                    return
                sink.sendall(self._allowed(data))
                if self._left == 0:
                    self._fail()
                    return
        _close(sink)

    def _allowed(self, data: bytes) -> bytes:
        """Return what may pass: the messages that are left, and no part of the next."""
        end = data.find(self._message)
        while end >= 0 and self._left != 0:
            if self._left is not None:
                self._left -= 1
            end = data.find(self._message, end + 1)
        return data if end < 0 else data[:end]

    def _fail(self) -> None:
        self.has_failed.set()
        if self._failure == "cut":
            # RabbitMQ drops what it has read of a connection and not yet routed.
            time.sleep(SETTLED)
            self.close()


def _listen() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def _part(end: socket.socket) -> None:
    """Close, once the server has read all that was passed."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_WR)
        end.settimeout(5)
        while end.recv(1 << 16):
            pass
    _close(end)


@contextmanager
def proxy(server: int, message: bytes) -> Iterator[Proxy]:
    """Put a wire before a server."""
    made = Proxy(server, message)
    try:
        yield made
    finally:
        made.close()
        made.join()


@contextmanager
def silent_port() -> Iterator[int]:
    """Accept connections, and answer nothing."""
    with _listen() as listener:
        yield listener.getsockname()[1]


@contextmanager
def refusing_port() -> Iterator[int]:
    """Refuse connections."""
    with _listen() as listener:
        port = int(listener.getsockname()[1])
    yield port
