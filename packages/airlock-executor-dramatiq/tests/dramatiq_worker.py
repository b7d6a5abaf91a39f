"""A real worker process of Dramatiq, and the effects that reach it."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
DEADLINE = 60
MARKER = "caught up"


class Worker:
    """One worker with one thread, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.app: Any = importlib.import_module("dramatiq_app")
        self._journal = folder / "journal"
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, HERE / "dramatiq_process.py", "dramatiq_app"),
                    *("--processes=1", "--threads=1", "--use-spawn"),
                ],
                # With more at hand a worker does not keep their order.
                env={
                    **os.environ,
                    "PYTHONPATH": str(HERE),
                    "dramatiq_queue_prefetch": "1",
                },
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    @property
    def effects(self) -> list[list[Any]]:
        """What the actors wrote so far, in order, without our own markers."""
        return [line for line in self._lines() if line[0] != MARKER]

    def _lines(self) -> list[list[Any]]:
        if not self._journal.exists():
            return []
        # The last line may be half written.
        lines = self._journal.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def wait_for(self, *values: Any, times: int = 1) -> None:
        """Wait until an actor has written these values."""
        deadline = time.monotonic() + DEADLINE
        while self._lines().count([*values]) < times:
            if time.monotonic() > deadline or self._process.poll() is not None:
                pytest.fail(
                    f"waited for {values}, got {self._lines()}; the worker's log:\n"
                    f"{self._log.read_text()}"
                )
            time.sleep(0.02)

    def catch_up(self) -> None:
        """Wait until all that is queued so far was taken: there is one thread."""
        number = uuid.uuid4().hex
        self.app.note.send(MARKER, number)
        self.wait_for(MARKER, number)

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        try:
            self._process.wait(timeout=DEADLINE)
        finally:
            self._process.kill()
            self.let_go()

    def let_go(self) -> None:
        """Close what the kernel closes when the tests are killed."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def wait_for_its_end(self) -> None:
        """Wait until the process has ended by itself."""
        self._process.wait(timeout=DEADLINE)
