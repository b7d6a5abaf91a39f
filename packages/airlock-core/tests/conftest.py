"""Shared by all tests of the core."""

import sys
from pathlib import Path

import pytest

# The tests import `recording` wherever this folder lies, also beside a wheel.
sys.path.insert(0, str(Path(__file__).parent))

from recording import Recorder, ran


@pytest.fixture(autouse=True)
def _nothing_ran_yet() -> None:
    ran.clear()


@pytest.fixture
def executor() -> Recorder:
    """An executor that keeps what it is given."""
    return Recorder()
