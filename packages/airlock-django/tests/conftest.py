"""A small project, the bakery, on a real database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# The project lies beside this file, wherever the tests were unpacked to.
sys.path.insert(0, str(Path(__file__).parent))

if not settings.configured:
    settings.configure(
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
            "archive": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["bakery"],
        MIDDLEWARE=["airlock.integrations.django.AirlockMiddleware"],
        ROOT_URLCONF="bakery.urls",
        SECRET_KEY="only for tests",  # noqa: S106 - nothing is secret here
        USE_TZ=True,
    )


@pytest.fixture
def baked() -> Iterator[list[str]]:
    """What the tasks of the bakery did, in order, and in which state."""
    from bakery.tasks import done

    done.clear()
    yield done
    done.clear()
