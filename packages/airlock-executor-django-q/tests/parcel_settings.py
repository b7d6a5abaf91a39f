"""The settings of a small project, also of the cluster that a test starts."""

from __future__ import annotations

import json
import os
from typing import Any

__all__ = [
    "CACHES",
    "DATABASES",
    "DEFAULT_AUTO_FIELD",
    "INSTALLED_APPS",
    "Q_CLUSTER",
    "SECRET_KEY",
    "USE_TZ",
]


def given(name: str, default: dict[str, Any]) -> dict[str, Any]:
    """Return what a test has put into the environment, or the default."""
    found: dict[str, Any] = json.loads(os.environ.get(name, "null")) or default
    return found


SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
DATABASES = {"default": given("PARCEL_DATABASE", SQLITE)}
# Results of an Iter cross it, from the cluster and back.
MEMORY = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
CACHES = {"default": given("PARCEL_CACHE", MEMORY)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django_q"]
Q_CLUSTER = {
    "name": "parcels",
    "workers": 1,
    "timeout": 30,
    "retry": 60,
    "poll": 0.05,
    "log_level": "WARNING",
    **given("PARCEL_BROKER", {"orm": "default"}),
}
SECRET_KEY = "only for tests"  # noqa: S105 - nothing is secret here
USE_TZ = True
