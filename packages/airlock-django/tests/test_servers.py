"""Requests through real servers, with real sockets."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from server_process import COMMANDS, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="a process of Windows inherits no sockets"
)


def _each(*kinds: str) -> list[object]:
    return [
        pytest.param(
            name,
            id=name.replace(" ", "-"),
            marks=pytest.mark.skipif(
                find_spec(command[0]) is None, reason=f"{command[0]} is not installed"
            ),
        )
        for name, command in COMMANDS.items()
        if command[0] in kinds
    ]


@pytest.fixture(scope="module")
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server, for all tests of this module."""
    with Server(request.param, tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """The same, with nothing written yet."""
    running.forget()
    return running


every = pytest.mark.parametrize(
    "running", _each("gunicorn", "uvicorn", "daphne"), indirect=True
)
wsgi = pytest.mark.parametrize("running", _each("gunicorn"), indirect=True)
asgi = pytest.mark.parametrize("running", _each("uvicorn", "daphne"), indirect=True)


@every
@pytest.mark.parametrize("path", ["/order/", "/async/order/"])
def test_effects_leave_with_a_good_response(server: Server, path: str) -> None:
    """Before the client has read it."""
    assert server.get(path)[0] == 200
    assert server.lines("effects") == ["rye"]


@every
@pytest.mark.parametrize("path", ["/order/", "/async/order/"])
def test_effects_are_dropped_with_an_error_response(server: Server, path: str) -> None:
    """Though the order was committed: 5xx is failure."""
    assert server.get(f"{path}?status=500")[0] == 500
    assert server.lines("effects") == []


@every
@pytest.mark.parametrize("path", ["/stream/", "/async/stream/"])
def test_effects_of_a_stream_leave_at_its_end(server: Server, path: str) -> None:
    """Sync and async iterators, under WSGI and ASGI."""
    assert server.get(path) == (200, b"ryespelt")
    assert server.lines("effects") == ["rye", "spelt"]


@every
def test_a_client_that_leaves_an_endless_stream(server: Server) -> None:
    """The server notices when it writes, and closes the response."""
    is_wsgi = "gunicorn" in server.name
    path = "/endless/" if is_wsgi else "/async/endless/"

    server.leave_reading(path)

    server.wait(lambda: server.lines("log"))
    [line] = server.lines("log")
    assert line.startswith(f"airlock: The response to GET {path} was not read to its")
    assert server.lines("effects") == []


@every
def test_a_client_that_leaves_a_sync_view(server: Server) -> None:
    """It goes on in its thread and commits: so its effects leave."""
    server.leave("/slow/", when=lambda: server.has("begun"))
    server.go()

    server.wait(lambda: server.lines("effects"))
    assert server.lines("effects") == ["rye"]
    assert server.lines("log") == []


@asgi
def test_a_client_that_leaves_a_sync_view_that_fails(server: Server) -> None:
    """Its response still decides."""
    server.leave("/slow/?status=500", when=lambda: server.has("begun"))
    server.go()

    # The next request finds the server as it was.
    assert server.get("/order/")[0] == 200
    assert server.lines("effects") == ["rye"]


@asgi
def test_a_client_that_leaves_an_async_view(server: Server) -> None:
    """It is cancelled: its effects are dropped, though the order was committed."""
    server.leave("/async/slow/", when=lambda: server.has("begun"))

    server.wait(lambda: server.lines("log"))
    [line] = server.lines("log")
    assert line.startswith("airlock: GET /async/slow/ was cancelled, as when its")
    assert server.lines("effects") == []
