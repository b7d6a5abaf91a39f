"""Immediate mode: the task runs in this process, at the flush."""

# Huey is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import TYPE_CHECKING

from huey import MemoryHuey
from queued_tasks import ran

import airlock

if TYPE_CHECKING:
    import pytest


def test_immediate_mode_runs_the_task_at_the_flush_and_not_before() -> None:
    """Tests of a project rely on it: no worker, and still no early effect."""
    huey = MemoryHuey("immediate", immediate=True)

    @huey.task()
    def note() -> None:
        ran.append("noted")

    with airlock.scope(executor="huey"):
        airlock.enqueue(note)
        ran.append("end of block")

    assert ran == ["end of block", "noted"]


def test_immediate_mode_logs_what_a_task_raises(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Huey's choice, to which the executor adds nothing: the flush succeeds."""
    huey = MemoryHuey("immediate-failure", immediate=True)

    @huey.task()
    def fail() -> None:
        raise ValueError("boom")

    with airlock.scope(executor="huey") as scope:
        airlock.enqueue(fail)

    assert scope.is_flushed
    [record] = [record for record in caplog.records if record.exc_info]
    assert record.name == "huey"


def test_immediate_mode_only_schedules_what_has_a_delay() -> None:
    """Without a consumer nobody ever comes to run it."""
    huey = MemoryHuey("immediate-delay", immediate=True)

    @huey.task()
    def note() -> None:
        ran.append("noted")

    with airlock.scope(executor="huey"):
        airlock.enqueue(note, _dispatch_options={"delay": 60})

    assert huey.scheduled_count() == 1
    assert ran == []
