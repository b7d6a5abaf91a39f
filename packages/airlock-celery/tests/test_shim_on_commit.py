"""Tasks of a Django project whose base class is one of ours, and waits for commits.

Django's part is a list: what a database does is in `test_intercept_django.py`.
"""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from worker_memory import advised, memory_app, queued

import airlock
from airlock.integrations.celery import (
    AirlockTask,
    LegacyTaskShim,
    install_global_intercept,
    uninstall_global_intercept,
)

app = memory_app()


def notify(address: str, subject: str = "") -> bool:
    """Be called in the old way, and tell whether a scope is active."""
    del address, subject
    return airlock.get_current_scope() is not None


@pytest.fixture
def on_commit(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What waits for the commit."""
    pytest.importorskip("django")
    waiting: list[Any] = []
    transaction = SimpleNamespace(on_commit=waiting.append)
    monkeypatch.setattr("celery.contrib.django.task.transaction", transaction)
    queued(app)
    return waiting


def make(*bases: type) -> Any:
    """Return a task with these base classes."""
    kind = type("Base", bases, {"abstract": True})
    made = app.task(notify, base=kind, shared=False, name="notify")
    made.bind(app)
    app.tasks.pop("notify")
    return made


def kinds() -> dict[str, tuple[type, ...]]:
    """Return bases of a shim with and without Celery's own, in any order."""
    from celery.contrib.django.task import DjangoTask

    return {
        "alone": (LegacyTaskShim,),
        "first": (LegacyTaskShim, DjangoTask),
        "last": (DjangoTask, LegacyTaskShim),
    }


@pytest.mark.parametrize("kind", ["alone", "first", "last"])
@pytest.mark.parametrize("is_intercepted", [False, True])
def test_a_shim_waits_for_scope_and_commit(
    on_commit: list[Any], kind: str, *, is_intercepted: bool
) -> None:
    """As the task did before, with one warning for each call."""
    task = make(*kinds()[kind])
    if is_intercepted:
        install_global_intercept(app)
    try:
        with airlock.scope(executor="celery") as scope, advised() as caught:
            task.delay_on_commit("ada", subject="hello")
            task.apply_async_on_commit(("bob",), priority=5)
            before = list(on_commit)
        left = queued(app)
        for callback in on_commit:
            callback()
    finally:
        if is_intercepted:
            uninstall_global_intercept()

    assert before == []
    assert left == []
    assert [intent.name for intent in scope.intents] == ["notify", "notify"]
    assert [warning.filename for warning in caught] == [__file__] * 2
    text = "airlock.enqueue(notify, 'ada', subject='hello')"
    assert str(caught[0].message).endswith(text)
    messages = [(message.args, message.kwargs) for message in queued(app)]
    assert messages == [(["ada"], {"subject": "hello"}), (["bob"], {})]


def test_a_policy_may_drop_it(on_commit: list[Any]) -> None:
    """Known by its task."""
    task = make(LegacyTaskShim)

    with airlock.scope(policy=airlock.BlockTasks([task])), advised():
        task.delay_on_commit("ada")

    assert on_commit == []


def test_it_is_an_error_outside_a_scope(on_commit: list[Any]) -> None:
    """Now, and not when the transaction commits."""
    task = make(LegacyTaskShim)

    with advised(), pytest.raises(airlock.NoScopeError):
        task.delay_on_commit("ada")

    assert on_commit == []


def test_what_is_decided_only_waits_for_the_commit(on_commit: list[Any]) -> None:
    """As when its own class calls it while it is sent."""

    class Audited(LegacyTaskShim):
        def apply_async(self, args: Any, *more: Any, **options: Any) -> Any:
            if args == ("ada",):
                self.delay_on_commit("audit")
            return super().apply_async(args, *more, **options)

    with airlock.scope(executor="celery") as scope, advised() as caught:
        make(Audited).delay("ada")
    left = queued(app)
    for callback in on_commit:
        callback()

    assert len(scope.intents) == len(caught) == 1
    assert [message.args for message in left] == [["ada"]]
    assert [message.args for message in queued(app)] == [["audit"]]


def test_an_own_method_of_the_class_is_called_at_the_call(on_commit: list[Any]) -> None:
    """It decides what to wait for."""

    class Own(LegacyTaskShim):
        def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
            self.apply_async_on_commit(args, {**kwargs, "subject": "own"})

    with airlock.scope(executor="celery"), advised():
        make(Own).delay_on_commit("ada")
    for callback in on_commit:
        callback()

    assert [message.kwargs for message in queued(app)] == [{"subject": "own"}]


def test_an_airlock_task_may_be_one_of_django_too(on_commit: list[Any]) -> None:
    """With both base classes; `AirlockTask` alone has no such methods."""
    from celery.contrib.django.task import DjangoTask

    task = make(AirlockTask, DjangoTask)

    task.delay_on_commit("ada")
    for callback in on_commit:
        callback()

    assert len(queued(app)) == 1
    assert task("ada") is True
    assert not hasattr(make(AirlockTask), "delay_on_commit")
