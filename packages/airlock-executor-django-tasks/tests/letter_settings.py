"""The settings of a small project, also of the worker that a test starts."""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from typing import Any

__all__ = [
    "DATABASES",
    "DEFAULT_AUTO_FIELD",
    "INSTALLED_APPS",
    "SECRET_KEY",
    "TASKS",
    "USE_TZ",
]

IS_NATIVE = find_spec("django.tasks") is not None
LIBRARY = "django.tasks" if IS_NATIVE else "django_tasks"

DATABASES: dict[str, Any] = {
    "default": json.loads(os.environ.get("LETTER_DATABASE", "null"))
    or {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django_tasks_db", *([] if IS_NATIVE else ["django_tasks"])]
SECRET_KEY = "only for tests"  # noqa: S105 - nothing is secret here
TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.backend.DatabaseBackend",
        "QUEUES": ["default", "mail"],
    },
    "immediate": {"BACKEND": f"{LIBRARY}.backends.immediate.ImmediateBackend"},
    "dummy": {"BACKEND": f"{LIBRARY}.backends.dummy.DummyBackend"},
}
USE_TZ = True
