"""Run Dramatiq's own worker, which also ends when the tests are killed.

They hold the other end of its standard input, and let go of it however they end.
"""

# Some of Dramatiq is untyped.
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import os
import signal
import sys
import threading

from dramatiq.cli import main, make_argument_parser


def end_with_the_tests() -> None:
    """Wait for the end of the input, and then ask all processes to end."""
    # Not sys.stdin: a thread that waits there blocks an orderly exit.
    while os.read(0, 1):
        pass
    # Dramatiq's signal handler passes it on to the processes it has started.
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    # Until Dramatiq's handler is there and lets it in. Otherwise it would end this
    # process alone, through the thread, and leave those that were started behind.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    threading.Thread(target=end_with_the_tests, daemon=True).start()
    sys.exit(main(make_argument_parser().parse_args()))
