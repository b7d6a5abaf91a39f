"""Measuring several sides alternately, so that the machine's moods hit all alike."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Self, cast

from benchmark.row import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Effort", "Side", "contest"]

SCRIPTS = Path(__file__).parents[1]


class Effort(NamedTuple):
    """How often to measure: so many rounds in each of so many processes.

    Processes differ, by the addresses and hashes they happen to get, more than the
    rounds of one process do.
    """

    processes: int
    rounds: int


class Side:
    """One process that measures one side. Use it in a `with` statement.

    Args:
        python: The interpreter of its environment.
        key: Which maker, as `benchmark.worker.MAKERS` calls it.

    Raises:
        UnavailableError: If it cannot be measured here.
    """

    def __init__(self, python: str, key: str) -> None:
        self._key = key
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [python, "-m", "benchmark.worker", key],
            env={**os.environ, "PYTHONPATH": str(SCRIPTS), "PYTHONHASHSEED": "random"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        try:
            self._answer()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *reason: object) -> None:
        # Closing its input ends it.
        self._process.communicate()

    def measure(self) -> float:
        """Measure one round."""
        turn = cast("IO[str]", self._process.stdin)
        turn.write("\n")
        turn.flush()
        took: float = self._answer()["took"]
        return took

    def _answer(self) -> dict[str, Any]:
        line = cast("IO[str]", self._process.stdout).readline()
        if not line:
            msg = (
                f"The measurement of {self._key!r} ended without a result; its own "
                f"message stands above. Expected one for each round: correct the row, "
                f"or what it measures."
            )
            raise SystemExit(msg)
        answer: dict[str, Any] = json.loads(line)
        if "unavailable" in answer:
            raise UnavailableError(answer["unavailable"])
        return answer


def contest(sides: Mapping[str, tuple[str, str]], effort: Effort) -> list[list[float]]:
    """Return what each side's rounds took, in the order of the sides.

    Args:
        sides: The interpreter and the key of each.
        effort: How often.

    Raises:
        UnavailableError: If a side cannot be measured here.
    """
    taken: list[list[float]] = [[] for _ in sides]
    for _ in range(effort.processes):
        with ExitStack() as stack:
            running = [stack.enter_context(Side(*side)) for side in sides.values()]
            for _ in range(effort.rounds):
                for side, numbers in zip(running, taken, strict=True):
                    numbers.append(side.measure())
        sys.stderr.write(".")
        sys.stderr.flush()
    return taken
