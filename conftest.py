"""Skips a test whose server is not running, or fails it where servers are required."""

from __future__ import annotations

import os
import socket
from functools import cache
from typing import NamedTuple

import pytest

REQUIRE = "AIRLOCK_REQUIRE_SERVICES"
TIMEOUT = 3.0


class Service(NamedTuple):
    """A server on this machine, and the first words exchanged with it."""

    port: int
    hello: bytes
    answers: tuple[bytes, ...]


# A port that merely accepts a connection may belong to anything: ask who is there.
SERVICES = {
    "redis": Service(6379, b"PING\r\n", (b"+PONG", b"-NOAUTH")),
    "rabbitmq": Service(5672, b"AMQP\x00\x00\x09\x01", (b"\x01\x00\x00",)),
    "postgres": Service(5432, b"\x00\x00\x00\x08\x04\xd2\x16\x2f", (b"S", b"N")),
    # MariaDB speaks first; its greeting opens with a length, a number 0 and "10".
    "mariadb": Service(3306, b"", tuple(bytes([n, 0, 0, 0, 10]) for n in range(256))),
}


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and refuse a misspelt requirement before any test."""
    config.addinivalue_line(
        "markers",
        "service(*names): needs these servers on 127.0.0.1: "
        f"{', '.join(SERVICES)}. Skipped where one is missing, unless {REQUIRE} "
        "lists it.",
    )
    _check_names(REQUIRE, required())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a misspelt marker, also on a test that is not run this time."""
    for item in items:
        for mark in item.iter_markers("service"):
            _check_names(f"@pytest.mark.service on {item.nodeid}", mark.args)
            if not mark.args:
                msg = (
                    f"@pytest.mark.service on {item.nodeid} names no server. "
                    f"Name what the test needs: {', '.join(SERVICES)}."
                )
                raise pytest.UsageError(msg)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip the test, or fail it, if a server that it needs is missing."""
    for mark in item.iter_markers("service"):
        for name in mark.args:
            problem = absence(name)
            if problem and name in required():
                pytest.fail(f"{problem} {REQUIRE} demands it.", pytrace=False)
            if problem:
                pytest.skip(problem)


def required() -> tuple[str, ...]:
    """Return the servers without which tests fail rather than skip."""
    listed = os.environ.get(REQUIRE, "").split(",")
    return tuple(name.strip() for name in listed if name.strip())


@cache
def absence(name: str) -> str:
    """Return why a server cannot be used, or nothing if it answers."""
    service = SERVICES[name]
    where = f"{name} is needed on 127.0.0.1:{service.port}"
    try:
        answer = _answer(service)
    except OSError as error:
        return f"{where}, but nothing answers ({error}). Start it."
    if not answer.startswith(service.answers):
        return f"{where}, but what listens there is something else: {answer!r}."
    return ""


def _answer(service: Service) -> bytes:
    address = ("127.0.0.1", service.port)
    with socket.create_connection(address, timeout=TIMEOUT) as connection:
        connection.settimeout(TIMEOUT)
        connection.sendall(service.hello)
        return connection.recv(16)


def _check_names(where: str, names: tuple[str, ...]) -> None:
    unknown = sorted(set(names) - set(SERVICES))
    if unknown:
        msg = (
            f"{where} names unknown servers: {', '.join(unknown)}. "
            f"Known: {', '.join(SERVICES)}. Correct the spelling."
        )
        raise pytest.UsageError(msg)
