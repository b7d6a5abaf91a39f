"""Shared by all tests of the RQ executor."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# The tests import their helpers wherever this folder lies, also beside a wheel.
sys.path.insert(0, str(Path(__file__).parent))

import queued_functions
from real_queue import clear, connect
from rq import Queue

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def queue() -> Iterator[Queue]:
    """Make a queue that nobody else uses, and remove all that is left of it."""
    queued_functions.ran.clear()
    with connect() as connection:
        made = Queue(f"airlock-{uuid.uuid4().hex}", connection=connection)
        try:
            yield made
        finally:
            clear(connection, made.name)
