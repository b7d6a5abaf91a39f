"""Shared by all tests of the Huey executor."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# The tests import `queued_tasks` wherever this folder lies, also beside a wheel.
sys.path.insert(0, str(Path(__file__).parent))

import queued_tasks


@pytest.fixture(autouse=True)
def _nothing_queued_yet() -> None:
    queued_tasks.huey.flush()
    queued_tasks.ran.clear()
