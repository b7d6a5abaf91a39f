"""A process that the demo starts and ends."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHOWN_LINES = 15


class DemoError(Exception):
    """The demo cannot go on."""


class Child:
    """A module that runs until it is told to stop.

    Args:
        arguments: The module and its own arguments.
        log: Where its output goes.
    """

    def __init__(self, *arguments: str, log: Path) -> None:
        self._arguments = arguments
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "demo.leash", *arguments],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def check(self) -> None:
        """Raise `DemoError` if the process has ended by itself."""
        status = self._process.poll()
        if status is not None:
            lines = self._log.read_text(errors="replace").splitlines()
            raise DemoError(
                f"`python -m {' '.join(self._arguments)}` ended with status {status}, "
                f"and was expected to run until the demo ends. Its last lines:\n"
                + "\n".join(lines[-SHOWN_LINES:])
            )

    def stop(self) -> None:
        """End the process, by force if it does not listen."""
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
