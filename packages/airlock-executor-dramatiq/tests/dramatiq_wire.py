"""A wire to a real server that a test can cut or leave hanging."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Wire:
    """Passes everything to a server, until it is told to break.

    Args:
        server: The port of the server.
    """

    def __init__(self, server: int) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        self._is_hanging = False
        self._mark = b""
        self._unheard: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def hang(self) -> None:
        """Pass nothing any more, and keep all connections, also new ones."""
        self._is_hanging = True

    def lose_the_answer(self, to: bytes) -> None:
        """Cut the connection on which this passes when the server answers it."""
        self._mark = to

    def cut(self) -> None:
        """Close all connections, and refuse new ones."""
        _close(self._listener)
        while self._ends:
            _close(self._ends.pop())

    def join(self) -> None:
        """Wait until what was cut is really closed, whichever thread does it."""
        while self._threads:
            self._threads.pop().join(10)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
                self._ends += [client, server]
                self._start(self._pump, client, server)
                self._start(self._pump, server, client)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if source in self._unheard:
                    _close(source)
                    _close(sink)
                if self._mark and self._mark in data:
                    self._mark = b""
                    self._unheard.append(sink)
                if not self._is_hanging:
                    sink.sendall(data)

    def _start(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def wire_to(server: int) -> Iterator[Wire]:
    """Put a wire before a server."""
    made = Wire(server)
    try:
        yield made
    finally:
        made.cut()
        made.join()


@contextmanager
def silent_port() -> Iterator[int]:
    """Accept connections, and answer nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def refusing_port() -> Iterator[int]:
    """Refuse connections."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextmanager
def unreachable_port() -> Iterator[int]:
    """Answer no attempt to connect, as a host that is not there."""
    with ExitStack() as opened, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        # The system accepts one or two of them, and drops what comes then.
        for _ in range(3):
            waiting = opened.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
