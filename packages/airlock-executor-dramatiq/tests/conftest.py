"""Shared by all tests of the Dramatiq executor."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# The tests import their helpers wherever this folder lies, also beside a wheel.
sys.path.insert(0, str(Path(__file__).parent))

import queued_actors


@pytest.fixture(autouse=True)
def _nothing_queued_yet() -> None:
    queued_actors.broker.flush_all()
    queued_actors.ran.clear()
