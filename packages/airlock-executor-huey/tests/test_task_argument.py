"""An argument named `task`, which Huey fills in or drops."""

# Huey is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

import pytest
import queued_tasks
from huey import MemoryHuey
from huey.registry import Registry
from queued_tasks import notify

import airlock


def test_an_argument_in_the_place_of_the_message_is_refused() -> None:
    """Huey puts the message there, and the argument would be lost without a word."""
    huey = MemoryHuey("context-taken")

    @huey.task(context=True)
    def introspect(task: Any) -> None: ...

    with pytest.raises(airlock.ArgumentError, match="named 'task'"):  # noqa: SIM117
        with airlock.scope(executor="huey"):
            airlock.enqueue(introspect, task="mine")

    assert huey.pending() == []


def test_an_argument_that_huey_drops_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Huey 2.5 drops one named `task`, of any task; newer ones do not."""
    create_message = Registry.create_message

    def dropping(registry: Any, task: Any) -> Any:
        task.kwargs.pop("task", None)
        return create_message(registry, task)

    monkeypatch.setattr(Registry, "create_message", dropping)

    with pytest.raises(airlock.ArgumentError, match="'task', which Huey"):  # noqa: SIM117
        with airlock.scope(executor="huey"):
            airlock.enqueue(notify, task="mine")

    assert queued_tasks.huey.pending() == []
