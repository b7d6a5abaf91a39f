"""What is a task: of Django itself since version 6, or of the backport."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["is_task", "library_of"]

# Each defines its own class `Task`. Both may be installed.
_LIBRARIES = ("django.tasks.base", "django_tasks.base")


def is_task(task: object) -> bool:
    """Tell a task from what merely has methods of the same names."""
    return library_of(task) is not None


def library_of(task: object) -> Any:  # noqa: ANN401 - one of two modules
    """Return the module that defines the class of the task, or None."""
    # Not imported: where there is a task, its module is there as well, and the
    # other one may not be installed or not be configured.
    for name in _LIBRARIES:
        library: Any = sys.modules.get(name)
        if library is not None and isinstance(task, library.Task):
            return library
    return None
