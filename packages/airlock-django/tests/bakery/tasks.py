"""Effects: they note what they did, and whether a transaction was open then."""

import asyncio
from typing import Any

from django.db import connection

done: list[str] = []


def bake(bread: str) -> None:
    """Note the bread, with an asterisk if the order is not committed yet."""
    # In a test of `TestCase` nothing ever is, and its own blocks do not count.
    blocks: list[Any] = list(connection.atomic_blocks)
    is_open = not all(block._from_testcase for block in blocks)
    done.append(f"{bread}*" if is_open else bread)


def deliver(bread: str) -> None:
    """Note the delivery."""
    done.append(f"deliver {bread}")


def note_thread() -> None:
    """Note whether an event loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        done.append("no loop")
    else:
        done.append("in the loop")


def fail(bread: str) -> None:
    """Break, as a broker that is away would."""
    raise ConnectionError(bread)


async def bake_slowly(bread: str) -> None:
    """Be a task that a plain scope cannot run."""
    done.append(bread)
