"""Functions that write down what they did, in this process and in a cluster."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

ran: list[tuple[Any, ...]] = []


def write(*values: Any) -> None:
    """Remember what was done, also where the tests of a cluster look."""
    ran.append(values)
    if journal := os.environ.get("PARCEL_JOURNAL"):
        with Path(journal).open("a") as file:
            file.write(json.dumps(values) + "\n")


def send(*args: Any, **kwargs: Any) -> Any:
    """Take anything, and return the first."""
    write(*args, kwargs) if kwargs else write(*args)
    return args[0] if args else None


def send_pair(first: object, second: object) -> None:
    """Take two arguments."""
    write(first, second)


def fail(*args: Any) -> None:
    """Write down the attempt, and fail."""
    write(*args)
    raise ValueError("boom")


def hook(task: Any) -> None:
    """Be told of a result."""
    write("hook", task.func, task.result)


async def send_slowly() -> None:
    """Be a coroutine function."""


class Clerk:
    """Has a method that is enqueued."""

    def __init__(self, name: str) -> None:
        self.name = name

    def send(self, parcel: str) -> None:
        """Write down who sends what."""
        write(self.name, parcel)


# As some decorators leave a function: no name leads to it but this one.
nameless: Any = lambda *args: write("nameless", *args)  # noqa: E731
