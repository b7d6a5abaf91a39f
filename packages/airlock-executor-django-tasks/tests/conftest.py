"""Shared by all tests of the executor of Django's tasks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.conf import settings

# The project lies beside this file, wherever the tests were unpacked to.
sys.path.insert(0, str(Path(__file__).parent))

import letter_settings

# One process has one project: that of the tests of another distribution, which run
# in it too, is extended.
if settings.configured:
    apps = [*settings.INSTALLED_APPS, *letter_settings.INSTALLED_APPS]
    settings.INSTALLED_APPS = list(dict.fromkeys(apps))
    settings.TASKS = letter_settings.TASKS
else:
    settings.configure(
        **{name: vars(letter_settings)[name] for name in letter_settings.__all__}
    )


@pytest.fixture(autouse=True)
def _nothing_ran_yet() -> None:
    # Imported late: its tasks need Django to be set up.
    from letters import ran

    ran.clear()
