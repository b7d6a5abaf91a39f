"""Run RQ's own worker, which also ends when the tests are killed.

They hold the other end of its standard input, and let go of it however they end.
"""

from __future__ import annotations

import os
import signal
import threading

from rq.cli.cli import main


def end_with_the_tests() -> None:
    """Wait for the end of the input, and then ask the worker to end."""
    # Not sys.stdin: a thread that waits there blocks an orderly exit.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_the_tests, daemon=True).start()
main()
