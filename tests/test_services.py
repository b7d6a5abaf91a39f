"""`@pytest.mark.service`: tests that need a server, with and without it."""

from __future__ import annotations

import socket
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from layout_tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["pytester"]

NEEDS_REDIS = """
    import pytest

    @pytest.mark.service("redis")
    def test_something():
        pass
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A free port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def inner(
    pytester: pytest.Pytester,
    listener: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
) -> pytest.Pytester:
    """A project with the repository's conftest.py, Redis being at `listener`."""
    monkeypatch.delenv("AIRLOCK_REQUIRE_SERVICES", raising=False)
    # Other plugins are set up once per process, and are at work out here.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    port = listener.getsockname()[1]
    conftest = (ROOT / "conftest.py").read_text()
    assert "6379" in conftest
    pytester.makeconftest(conftest.replace("6379", str(port)))
    pytester.makeini("[pytest]\naddopts = --strict-markers -rs")
    return pytester


def answer(listener: socket.socket, words: bytes) -> None:
    """Say these words to whoever connects first."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(16)
            connection.sendall(words)

    Thread(target=serve, daemon=True).start()


def test_a_test_runs_where_its_server_answers(
    inner: pytest.Pytester, listener: socket.socket
) -> None:
    """What listens must speak as the server does: a port alone proves nothing."""
    answer(listener, b"+PONG\r\n")
    inner.makepyfile(NEEDS_REDIS)

    inner.runpytest().assert_outcomes(passed=1)


def test_a_test_is_skipped_with_the_reason_where_nothing_answers(
    inner: pytest.Pytester, listener: socket.socket
) -> None:
    """A newcomer without servers runs the tests all the same, and is told."""
    listener.close()
    inner.makepyfile(NEEDS_REDIS)

    result = inner.runpytest()

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*redis is needed on 127.0.0.1:*nothing answers*"])


def test_a_stranger_on_the_port_is_not_the_server(
    inner: pytest.Pytester, listener: socket.socket
) -> None:
    """The test would fail in a way that says nothing about the code."""
    answer(listener, b"HTTP/1.1 400 Bad Request\r\n")
    inner.makepyfile(NEEDS_REDIS)

    result = inner.runpytest()

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*something else: b'HTTP/1.1 400*"])


def test_a_required_server_that_is_missing_fails_the_test(
    inner: pytest.Pytester, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a broken server would look like a green run."""
    listener.close()
    monkeypatch.setenv("AIRLOCK_REQUIRE_SERVICES", "postgres, redis")
    inner.makepyfile(NEEDS_REDIS)

    result = inner.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*AIRLOCK_REQUIRE_SERVICES demands it.*"])


def test_a_misspelt_requirement_is_an_error(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would require nothing, silently."""
    monkeypatch.setenv("AIRLOCK_REQUIRE_SERVICES", "redis,postgress")

    result = inner.runpytest()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*AIRLOCK_REQUIRE_SERVICES*unknown*: postgress.*"])


@pytest.mark.parametrize(
    ("names", "complaint"),
    [('"rediss"', "*unknown servers: rediss.*"), ("", "*names no server.*")],
)
def test_a_misspelt_marker_is_an_error(
    inner: pytest.Pytester, names: str, complaint: str
) -> None:
    """Also where the test itself is deselected."""
    inner.makepyfile(NEEDS_REDIS.replace('"redis"', names))

    result = inner.runpytest("-k", "nothing")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([complaint])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.service(name))
        for name in ("redis", "rabbitmq", "postgres", "mariadb")
    ],
)
def test_the_real_server_is_recognised(name: str) -> None:
    """Each has its own greeting, and is what answers on its port here."""
    assert name
