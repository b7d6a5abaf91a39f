"""What a worker process imports, and the test that feeds it too.

The environment says where the functions write what they did.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from rq import get_current_job


def write(*values: Any) -> None:
    """Append one line to the journal."""
    with Path(os.environ["RQ_JOURNAL"]).open("a") as journal:
        journal.write(json.dumps(values) + "\n")


def note(*args: Any, **kwargs: Any) -> Any:
    """Write down the arguments, and return the first."""
    write(*args, kwargs) if kwargs else write(*args)
    return args[0] if args else None


async def greet(name: str) -> None:
    """Write down the argument, on an event loop."""
    await asyncio.sleep(0)
    write("greeted", name)


def timeout() -> None:
    """Write down how long this job may take."""
    job = get_current_job()
    assert job is not None
    write("timeout", job.timeout)


def fail() -> None:
    """Write down the attempt, and fail."""
    write("attempt")
    raise ValueError("boom")


def on_failure(job: Any, *_: Any) -> None:
    """Write down which job failed."""
    write("failed", job.func_name)
