"""A real server in a process of its own, and clients on real sockets."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 30.0
FD = "FD"

WSGI = ("bakery.served:wsgi",)
ASGI = ("bakery.served:asgi",)
COMMANDS = {
    "gunicorn sync": ("gunicorn", "--bind", "fd://FD", *WSGI),
    "gunicorn gthread": (
        *("gunicorn", "--bind", "fd://FD", "--threads", "4"),
        *("--worker-class", "gthread", *WSGI),
    ),
    "uvicorn": ("uvicorn", "--fd", "FD", "--lifespan", "off", *ASGI),
    "daphne": ("daphne", "--fd", "FD", *ASGI),
}


class Server:
    """One of the servers, until the end of a `with` block.

    Args:
        name: Which one.
        folder: Where it is to write what it did.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._folder = folder

    def __enter__(self) -> Self:
        here = Path(__file__).parent
        environ = {**os.environ, "BAKERY_FOLDER": str(self._folder)}
        make_tables = [sys.executable, "-m", "bakery.served"]
        subprocess.run(make_tables, cwd=here, env=environ, check=True)
        # It inherits the socket: a port that is merely free may be taken meanwhile.
        self._socket = socket.create_server(("127.0.0.1", 0))
        number = self._socket.fileno()
        command = [part.replace(FD, str(number)) for part in COMMANDS[self.name]]
        with (self._folder / "output").open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=here,
                env=environ,
                pass_fds=[number],
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return self

    def __exit__(self, *reason: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._socket.close()

    def get(self, path: str) -> tuple[int, bytes]:
        """Return the status and the body of a page."""
        host, port = self._socket.getsockname()
        connection = HTTPConnection(host, port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def leave(self, path: str, *, when: Callable[[], object]) -> None:
        """Ask for a page, and close the connection when something is so."""
        with self._asking(path):
            self.wait(when)

    def leave_reading(self, path: str) -> None:
        """Ask for a page, and close the connection in the middle of it."""
        with self._asking(path) as client:
            while b"xxx" not in client.recv(1024):
                pass

    def _asking(self, path: str) -> socket.socket:
        address = self._socket.getsockname()
        client = socket.create_connection(address, timeout=PATIENCE)
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: bakery\r\n\r\n".encode())
        return client

    def wait(self, is_so: Callable[[], object]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > deadline or self._process.poll() is not None:
                output = (self._folder / "output").read_text()
                msg = f"It did not happen in {PATIENCE} s. The server says:\n{output}"
                raise TimeoutError(msg)
            time.sleep(0.01)

    def lines(self, name: str) -> list[str]:
        """Return the lines of a file of its folder."""
        file = self._folder / name
        return file.read_text().splitlines() if file.exists() else []

    def has(self, name: str) -> bool:
        """Tell whether a file is in its folder."""
        return (self._folder / name).exists()

    def forget(self) -> None:
        """Remove what was written, and have slow views wait."""
        for name in ("effects", "begun", "go"):
            (self._folder / name).unlink(missing_ok=True)
        log = self._folder / "log"
        if log.exists():
            os.truncate(log, 0)

    def go(self) -> None:
        """Tell slow views to go on."""
        (self._folder / "go").touch()
