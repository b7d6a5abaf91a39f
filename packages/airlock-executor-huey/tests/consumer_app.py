"""What a consumer process imports, and the test that feeds it too.

The environment says which Huey to make, and where the tasks write what they did.
"""

# Huey is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import huey as library

huey = getattr(library, os.environ["HUEY_CLASS"])(
    **json.loads(os.environ["HUEY_ARGUMENTS"])
)


def write(*values: Any) -> None:
    """Append one line to the journal."""
    with Path(os.environ["HUEY_JOURNAL"]).open("a") as journal:
        journal.write(json.dumps(values) + "\n")


@huey.task()
def note(*args: Any, **kwargs: Any) -> Any:
    """Write down the arguments, and return the first."""
    write(*args, kwargs) if kwargs else write(*args)
    return args[0] if args else None


@huey.task()
def fail() -> None:
    """Write down the attempt, and fail."""
    write("attempt")
    raise ValueError("boom")
