"""One line of the table: what is measured, against what, and the goal."""

from __future__ import annotations

import socket
from collections.abc import Callable
from importlib.util import find_spec
from typing import NamedTuple, TypeAlias

__all__ = ["Make", "Round", "Row", "UnavailableError", "need_module", "need_server"]

# Measures once, after all that was set up before: in nanoseconds or bytes per unit.
Round: TypeAlias = Callable[[], float]
Make: TypeAlias = Callable[[], Round]

# The environment of the other library of this kind, which also ships `airlock/`.
OTHER = "airlock-py"

PORTS = {"redis": 6379, "rabbitmq": 5672}


class Row(NamedTuple):
    """What is measured, and how far ours may go.

    Args:
        title: What the table calls it.
        goal: The highest ratio of ours to the baseline that is good enough.
        ours: Sets up, and returns what measures one round.
        baseline: The same for the baseline; by default the same code.
        against: What the baseline is. Only `OTHER` runs in its own environment.
        unit: Of what a round returns.
        is_long: Whether a round takes seconds, and a few must do.
        is_fresh: Whether each round needs a new process.
        repeat: How many times as many rounds it needs, as what waits for a server.
    """

    title: str
    goal: float
    ours: Make
    baseline: Make | None = None
    against: str = OTHER
    unit: str = "ns"
    is_long: bool = False
    is_fresh: bool = False
    repeat: int = 1


class UnavailableError(Exception):
    """A row cannot be measured here; the text says what is missing."""


def need_server(name: str) -> None:
    """Raise `UnavailableError` unless the server answers on this machine."""
    try:
        socket.create_connection(("127.0.0.1", PORTS[name]), timeout=3).close()
    except OSError as error:
        msg = f"needs {name} on 127.0.0.1:{PORTS[name]} ({error})"
        raise UnavailableError(msg) from None


def need_module(name: str) -> None:
    """Raise `UnavailableError` unless the module is installed."""
    parent, _, _ = name.rpartition(".")
    # Asking for a child of a package that is not there raises.
    if (parent and find_spec(parent) is None) or find_spec(name) is None:
        msg = f"needs {name}, which is not installed"
        raise UnavailableError(msg)
