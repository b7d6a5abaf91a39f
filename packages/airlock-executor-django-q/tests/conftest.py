"""Shared by all tests of the django-q executor."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.conf import settings

# The project lies beside this file, wherever the tests were unpacked to.
sys.path.insert(0, str(Path(__file__).parent))

import parcel_settings

# One process has one project: that of the tests of another distribution, which run
# in it too, is extended.
if settings.configured:
    apps = [*settings.INSTALLED_APPS, *parcel_settings.INSTALLED_APPS]
    settings.INSTALLED_APPS = list(dict.fromkeys(apps))
    settings.Q_CLUSTER = parcel_settings.Q_CLUSTER
else:
    settings.configure(
        **{name: vars(parcel_settings)[name] for name in parcel_settings.__all__}
    )


@pytest.fixture(autouse=True)
def _nothing_ran_yet() -> None:
    from parcels import ran

    ran.clear()
