"""Run django-q's cluster, which also ends when the tests are killed.

They hold the other end of its standard input, and let go of it however they end.
"""

from __future__ import annotations

import os
import signal
import threading

import django
from django.core.management import call_command


def end_with_the_tests() -> None:
    """Wait for the end of the input, and then for nothing else."""
    # Not sys.stdin: a thread that waits there blocks an orderly exit.
    while os.read(0, 1):
        pass
    # The processes that the cluster has started are in its group.
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_the_tests, daemon=True).start()
django.setup()
call_command("qcluster")
