"""What is published while a message is on its way is no part of that message."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from celery import Task
from celery.signals import before_task_publish
from worker_memory import advised, memory_app, queued

import airlock
from airlock.integrations.celery import (
    LegacyTaskShim,
    install_global_intercept,
    uninstall_global_intercept,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

app = memory_app()


def notify(address: str = "nobody") -> None:
    """Be called in the old way."""


plain = app.task(notify, name="plain", shared=False)
shimmed = app.task(notify, base=LegacyTaskShim, name="shimmed", shared=False)


@pytest.fixture(autouse=True)
def _nothing_queued_yet() -> None:
    queued(app)


@pytest.fixture
def _intercepted() -> Iterator[None]:
    install_global_intercept(app)
    yield
    uninstall_global_intercept()


class Auditing(Task):  # type: ignore[misc]
    """Publish another effect for each message."""

    def apply_async(self, *args: Any, **options: Any) -> Any:
        """Call another task in the old way."""
        plain.delay("audit")
        return super().apply_async(*args, **options)


class InPlace(Task):  # type: ignore[misc]
    """Run at once where it is sent."""

    def apply_async(self, *_: Any, **__: Any) -> Any:
        """Do not send."""
        return self.run()


@pytest.mark.usefixtures("_intercepted")
def test_what_else_a_class_publishes_is_an_effect_of_its_own() -> None:
    """The scope has decided about one message."""
    task = app.task(notify, base=Auditing, name="audited", shared=False)

    with airlock.scope(policy=airlock.BlockTasks([plain])) as outer, advised():
        with airlock.scope(executor="celery"):
            task.delay("ada")
        plain.delay("bob")

    assert [intent.name for intent in outer.intents] == ["plain", "plain"]
    assert [message.task for message in queued(app)] == [task.name]


@pytest.mark.usefixtures("_intercepted")
@pytest.mark.parametrize("is_in_scope", [False, True])
def test_so_is_what_a_body_does_that_a_class_runs_in_place(
    *, is_in_scope: bool
) -> None:
    """It may have a scope of its own."""
    seen: list[int] = []

    def body() -> None:
        with airlock.scope(policy=airlock.DropAll()) as scope:
            plain.delay("ada")
        seen.append(len(scope.intents))

    task = app.task(body, base=InPlace, name=f"in_place_{is_in_scope}", shared=False)
    with advised():
        if is_in_scope:
            with airlock.scope(executor="celery"):
                task.delay()
        else:
            task.delay()

    assert seen == [1]
    assert queued(app) == []


def test_so_is_what_a_signal_handler_publishes() -> None:
    """It belongs to the scope around the one that flushes."""

    def handle(sender: str, **_: Any) -> None:
        if sender == notified.name:
            shimmed.delay("ada")

    notified = app.task(notify, name="notified", shared=False)
    before_task_publish.connect(handle, weak=False)
    try:
        with (
            advised(),
            airlock.scope(policy=airlock.DropAll()) as outer,
            airlock.scope(executor="celery"),
        ):
            airlock.enqueue(notified)
        names = [intent.name for intent in outer.intents]
    finally:
        before_task_publish.disconnect(handle)

    assert names == [shimmed.name]
    assert [message.task for message in queued(app)] == [notified.name]
