"""What it costs to have airlock at all: its import, and its scopes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import airlock
from benchmark.row import Row
from benchmark.task import ignore, per, task

if TYPE_CHECKING:
    from benchmark.row import Round

SCOPES = 300
TASKS = 10_000

# The import alone, in an interpreter that has imported nothing else.
IMPORT = """
from time import process_time_ns
start = process_time_ns()
import airlock
print(process_time_ns() - start)
"""


def importing() -> Round:
    """Import it in a new interpreter."""

    def measure() -> float:
        command = [sys.executable, "-I", "-c", IMPORT]
        return float(subprocess.check_output(command))  # noqa: S603 - as above

    return measure


def empty() -> Round:
    """Enter and leave scopes in which nothing happens."""

    def work() -> None:
        for _ in range(SCOPES):
            with airlock.scope(executor=ignore):
                pass

    return lambda: per(SCOPES, work)


def ten() -> Round:
    """Open a scope, enqueue ten intents, and flush them."""

    def work() -> None:
        for _ in range(SCOPES):
            with airlock.scope(executor=ignore):
                for number in range(10):
                    airlock.enqueue(task, number)

    return lambda: per(SCOPES, work)


def asyncio_tasks() -> Round:
    """Open a scope in each of many tasks that run at once."""

    async def one() -> None:
        with airlock.scope(executor=ignore):
            airlock.enqueue(task, 1)
            await asyncio.sleep(0)
            airlock.enqueue(task, 2)

    async def together() -> None:
        await asyncio.gather(*(one() for _ in range(TASKS)))

    return lambda: per(TASKS, lambda: asyncio.run(together()))


ROWS = (
    Row("`import airlock`", 0.35, importing),
    Row("scope, empty", 0.65, empty),
    Row("scope, 10 intents, flush", 0.42, ten),
    Row("10,000 asyncio tasks, a scope each", 0.70, asyncio_tasks, is_long=True),
)
