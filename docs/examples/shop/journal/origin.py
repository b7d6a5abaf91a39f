"""What this process is doing now."""

import sys
from contextvars import ContextVar

COMMAND = " ".join(["manage.py", *sys.argv[1:]])

# A request or a task says its own; what says nothing is a command.
origin = ContextVar("origin", default=COMMAND)
