"""A real worker that has the time limits of the how-to page."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import worker_harness
from executor_page import needs_page

if TYPE_CHECKING:
    from worker_harness import Worker

pytestmark = needs_page
worker = worker_harness.worker_of("worker_bounded")


def test_it_may_be_idle_for_longer_than_it_waits_for_an_answer(worker: Worker) -> None:
    """Nothing is wrong while nobody sends anything."""
    case = worker.case("send_chord")
    before = case.effects
    time.sleep(3)

    case.send("send_chord")

    assert before == ["done", "a", "b", ["collected", ["a", "b"]]]
    assert case.effects == [*before, *before]
