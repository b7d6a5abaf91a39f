"""What the tests of `os.fork` share: a log that all processes see, and a fork."""

from __future__ import annotations

import os
import signal
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from airlock import Intent

__all__ = ["PATIENCE", "Log", "fork_and"]

PATIENCE = 30


class Log:
    """An executor that writes to a file, which both processes see."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, intent: Intent) -> None:
        with self._path.open("a") as file:
            file.write(f"{intent.args[0]}\n")

    @property
    def lines(self) -> list[str]:
        """What was dispatched, in either process."""
        return self._path.read_text().split() if self._path.exists() else []


def fork_and(work: Callable[[], None]) -> int:
    """Run work in a forked child, and return how the child ended: 0 if well."""
    child = os.fork()
    if child == 0:
        # Instead of hanging with it, the parent sees that the child was killed.
        signal.alarm(PATIENCE)
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - shown, and told by the exit code
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]
