"""Shared by all tests of the RQ executor."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


@pytest.fixture
def commands(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note how many commands each transaction has."""
    sizes: list[int] = []
    make = queue.connection.pipeline

    def noting(*args: Any, **kwargs: Any) -> Any:
        pipeline: Any = make(*args, **kwargs)
        execute = pipeline.execute

        def note(**kwargs: Any) -> Any:
            sizes.append(len(pipeline))
            return execute(**kwargs)

        pipeline.execute = note
        return pipeline

    monkeypatch.setattr(queue.connection, "pipeline", noting)
    return sizes
