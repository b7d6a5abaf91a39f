"""What a worker process imports, and the test that feeds it too.

The environment says which broker to make, and where the actors write what they did.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import dramatiq
from dramatiq.middleware import AsyncIO
from real_broker import make

NAME = os.environ["DRAMATIQ_NAME"]
broker: Any = make(os.environ["DRAMATIQ_BROKER"], NAME)
broker.add_middleware(AsyncIO())
dramatiq.set_broker(broker)


def write(*values: Any) -> None:
    """Append one line to the journal."""
    with Path(os.environ["DRAMATIQ_JOURNAL"]).open("a") as journal:
        journal.write(json.dumps(values) + "\n")


@dramatiq.actor(queue_name=NAME)
def note(*args: Any, **kwargs: Any) -> Any:
    """Write down the arguments, and return the first."""
    write(*args, kwargs) if kwargs else write(*args)
    return args[0] if args else None


@dramatiq.actor(queue_name=NAME)
async def greet(name: str) -> None:
    """Write down the argument, on an event loop."""
    await asyncio.sleep(0)
    write("greeted", name)


@dramatiq.actor(queue_name=NAME, max_retries=0)
def fail() -> None:
    """Write down the attempt, and fail."""
    write("attempt")
    raise ValueError("boom")


@dramatiq.actor(queue_name=NAME)
def on_failure(message: dict[str, Any], failure: dict[str, str]) -> None:
    """Write down which actor failed, and with what."""
    write("failed", message["actor_name"], failure["type"])


@dramatiq.actor(queue_name=f"{NAME}-other")
def elsewhere() -> None:
    """Make the worker take from one more queue."""
