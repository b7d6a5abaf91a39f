"""A class that overrides Celery's methods may have names of its own in them."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from celery import Celery, Task
from worker_memory import advised, memory_app, queued

import airlock
from airlock.integrations.celery import (
    LegacyTaskShim,
    install_global_intercept,
    uninstall_global_intercept,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


class Renaming:
    """Take by place what Celery gives by place."""

    def apply_async(self, values: Any = None, named: Any = None, **options: Any) -> Any:
        """Send."""
        return super().apply_async(values, named, **options)  # type: ignore[misc]


class OwnTask(Renaming, Task):  # type: ignore[misc]
    """Know nothing of airlock."""


class Shimmed(Renaming, LegacyTaskShim):
    """Be a shim."""


class OwnApp(Celery):  # type: ignore[misc]
    """Do so for tasks that are called by their name."""

    def send_task(
        self, which: str, values: Any = None, named: Any = None, **options: Any
    ) -> Any:
        """Send."""
        return super().send_task(which, values, named, **options)


app = memory_app(kind=OwnApp)


def notify(address: str, subject: str = "") -> None:
    """Be called in the old way."""


own = app.task(notify, base=OwnTask, name="own", shared=False)
shimmed = app.task(notify, base=Shimmed, name="shimmed", shared=False)


@pytest.fixture(autouse=True)
def _intercepted() -> Iterator[None]:
    queued(app)
    install_global_intercept(app)
    yield
    uninstall_global_intercept()


@pytest.mark.parametrize("task", [own, shimmed], ids=["own", "shimmed"])
def test_a_task_is_sent_with_what_it_was_given(task: Any) -> None:
    """By whatever name."""
    with airlock.scope(executor="celery") as scope, advised():
        task.delay("ada", subject="hello")
        task.apply_async(named={"address": "bob"}, priority=5)
        task.s("cem").delay()

    options = [intent.dispatch_options for intent in scope.intents]
    assert options == [None, {"priority": 5}, None]
    assert [(message.args, message.kwargs) for message in queued(app)] == [
        (["ada"], {"subject": "hello"}),
        ([], {"address": "bob"}),
        (["cem"], {}),
    ]


@pytest.mark.parametrize("is_in_scope", [False, True])
def test_so_is_one_that_is_called_by_its_name(*, is_in_scope: bool) -> None:
    """The name has a name too."""
    with advised():
        if is_in_scope:
            with airlock.scope(executor="celery") as scope:
                app.send_task("far.away", ("ada",), countdown=5)
                app.send_task(which="far.away", named={"address": "bob"})
            options = [intent.dispatch_options for intent in scope.intents]
            assert options == [{"countdown": 5}, None]
        else:
            app.send_task("far.away", ("ada",), countdown=5)
            app.send_task(which="far.away", named={"address": "bob"})

    assert [(message.args, message.kwargs) for message in queued(app)] == [
        (["ada"], {}),
        ([], {"address": "bob"}),
    ]


def test_without_a_name_python_says_what_is_missing() -> None:
    """As it would without the intercept."""
    with pytest.raises(TypeError, match="which"):
        app.send_task()
    with airlock.scope(), pytest.raises(TypeError, match="which"):
        app.send_task()
