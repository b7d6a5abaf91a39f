"""A wire to a real server whose last answer gets lost."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def wire_to(server: int, *, losing_the_answer_to: bytes) -> Iterator[int]:
    """Serve one connection, until the server answers what contains these bytes.

    Args:
        server: The port of the server.
        losing_the_answer_to: After it the connection is closed, without the answer.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        work = listener, server, losing_the_answer_to
        thread = threading.Thread(target=_serve, args=work, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        # It may still wait for a client that never came.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _serve(listener: socket.socket, server: int, mark: bytes) -> None:
    with suppress(OSError):
        client, _ = listener.accept()
        with client, socket.create_connection(("127.0.0.1", server)) as upstream:
            # A client of Redis asks, and waits for the answer.
            while asked := client.recv(1 << 16):
                upstream.sendall(asked)
                answer = upstream.recv(1 << 16)
                if mark in asked:
                    return
                client.sendall(answer)
