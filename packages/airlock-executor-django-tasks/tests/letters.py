"""Tasks that write down what they did, in this process and in a worker."""

# Which library they are of is known only when this runs, so they are untyped.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from letter_settings import LIBRARY

tasks: Any = import_module(LIBRARY)
ran: list[tuple[Any, ...]] = []


def write(*values: Any) -> None:
    """Remember what was done, also where the tests of a worker look."""
    ran.append(values)
    if journal := os.environ.get("LETTER_JOURNAL"):
        with Path(journal).open("a") as file:
            file.write(json.dumps(values) + "\n")


@tasks.task
def record(*args: Any, **kwargs: Any) -> None:
    """Take anything."""
    write(list(args), kwargs)


@tasks.task
def record_other(*args: Any, **kwargs: Any) -> None:
    """Take anything too."""
    write(list(args), kwargs)


@tasks.task
def record_pair(first: object, second: object) -> None:
    """Take two arguments."""
    write([first, second], {})


@tasks.task(takes_context=True)
def in_context(context: Any, address: str) -> None:
    """Take what Django gives, and one argument."""
    write([address, context.attempt], {})


@tasks.task
async def later(*args: Any) -> None:
    """Be a coroutine function."""
    write(list(args), {})


@tasks.task
def fail() -> None:
    """Write down the attempt, and fail."""
    write(["attempt"], {})
    raise ValueError("boom")
