"""A module on a leash: `python -m demo.leash MODULE [ARGUMENT ...]`.

It ends when the process that holds its stdin does, however that ends: a process that is
killed can clean nothing up.
"""

import os
import runpy
import signal
import sys
from threading import Thread


def end_with_holder() -> None:
    """Wait for the end of stdin, then end this process."""
    # Not sys.stdin: its lock, held here, would break the interpreter's exit.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    Thread(target=end_with_holder, daemon=True).start()
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
