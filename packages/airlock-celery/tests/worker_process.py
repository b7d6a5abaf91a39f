"""Run Celery's own program, which also ends when the tests are killed.

They hold the other end of its standard input, and let go of it however they end.
"""

from __future__ import annotations

import _thread
import os
import signal


def end_with_the_tests() -> None:
    """Wait for the end of the input, and then for nothing else."""
    while os.read(0, 1):
        pass
    # With the processes of the pool, which are of the same group.
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    # Started by the low-level function, and before Celery is imported: a pool of
    # greenlets would turn a thread into one of them, and stand still with it.
    _thread.start_new_thread(end_with_the_tests, ())

    from celery.__main__ import main

    main()
