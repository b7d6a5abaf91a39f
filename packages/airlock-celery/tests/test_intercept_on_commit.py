"""The global intercept and what Celery sends when Django's transaction commits.

`test_intercept_django.py` does it with a database; here Django's part is a list.
"""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator,no-untyped-call"
from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from kombu.connection import Connection
from worker_memory import advised, memory_app, queued

import airlock
from airlock.integrations.celery import (
    install_global_intercept,
    uninstall_global_intercept,
)
from airlock.integrations.executors.celery import CeleryOptionError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def on_commit(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What waits for the commit, with the intercept installed."""
    pytest.importorskip("django")
    waiting: list[Any] = []
    transaction = SimpleNamespace(on_commit=waiting.append)
    monkeypatch.setattr("celery.contrib.django.task.transaction", transaction)
    install_global_intercept(memory_app())
    yield waiting
    uninstall_global_intercept()


def notify(app: Any, **methods: Any) -> Any:
    """Return a task that knows of commits, of a class with these methods."""
    from celery.contrib.django.task import DjangoTask

    def body(address: str, subject: str = "", **more: str) -> None: ...

    base = type("Base", (DjangoTask,), {"abstract": True, **methods})
    return app.task(body, base=base, name="notify", shared=False)


def test_what_leaves_the_scope_still_waits_for_the_commit(on_commit: list[Any]) -> None:
    """Both have to agree: the boundary, and the transaction."""
    app = memory_app()
    task = notify(app)

    with airlock.scope(executor="celery") as scope, advised():
        task.delay_on_commit("ada", subject="hello")
        task.apply_async_on_commit(("bob",), priority=5)
        before = list(on_commit)

    assert before == []
    assert [intent.name for intent in scope.intents] == ["notify", "notify"]
    assert queued(app) == []
    for callback in on_commit:
        callback()
    messages = [(message.args, message.kwargs) for message in queued(app)]
    assert messages == [(["ada"], {"subject": "hello"}), (["bob"], {})]


def test_it_may_have_an_argument_that_enqueue_takes(on_commit: list[Any]) -> None:
    """It reaches the task, and policies still know the name."""
    app = memory_app()
    task = notify(app)
    policy = airlock.BlockTasks(["other"])

    with airlock.scope(policy=policy, executor="celery") as scope, advised():
        task.delay_on_commit("ada", _origin="web")
    for callback in on_commit:
        callback()

    assert [intent.name for intent in scope.intents] == ["notify"]
    assert [message.kwargs for message in queued(app)] == [{"_origin": "web"}]


def test_an_unknown_option_is_refused_at_the_call(on_commit: list[Any]) -> None:
    """The line of the commit would tell nothing."""
    task = notify(memory_app())

    with (
        airlock.scope(executor="celery"),
        advised(),
        pytest.raises(CeleryOptionError, match="contdown"),
    ):
        task.apply_async_on_commit(("ada",), contdown=5)

    assert on_commit == []


def test_a_policy_knows_it_by_its_task(on_commit: list[Any]) -> None:
    """By its name, and by the task itself."""
    task = notify(memory_app())
    policy = airlock.BlockTasks([task])

    with airlock.scope(policy=policy, executor="celery"), advised():
        task.delay_on_commit("ada")

    assert on_commit == []


def test_outside_a_scope_it_passes_with_one_warning(on_commit: list[Any]) -> None:
    """And none when the transaction commits, which is Django's own line."""
    app = memory_app()

    with advised() as caught:
        notify(app).delay_on_commit("ada")
    for callback in on_commit:
        callback()

    [warning] = caught
    assert warning.filename == __file__
    assert len(queued(app)) == 1


@pytest.mark.parametrize("method", ["delay_on_commit", "apply_async_on_commit"])
def test_the_warning_says_which_scope_waits_for_the_commit(
    on_commit: list[Any], method: str
) -> None:
    """In any other the advice would send before the commit."""
    given: Any = "ada" if method == "delay_on_commit" else ("ada",)

    with advised() as caught:
        getattr(notify(memory_app()), method)(given)

    [warning] = caught
    assert str(warning.message) == (
        f"notify was called by Celery's {method}(), past airlock. Write instead, in a "
        f"scope that waits for the commit, as DjangoScope does: "
        f"airlock.enqueue(body, 'ada')"
    )
    assert len(on_commit) == 1


@pytest.mark.parametrize("is_in_scope", [False, True])
def test_the_own_methods_of_a_class_are_called_as_celery_does(
    on_commit: list[Any], *, is_in_scope: bool
) -> None:
    """`delay()` when the transaction commits, and not the other method for commits."""

    def delay(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self.apply_async(args, kwargs, headers={"tenant": "1"})

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError

    app = memory_app()
    task = notify(app, delay=delay, apply_async_on_commit=refuse)

    with advised():
        if is_in_scope:
            with airlock.scope(executor="celery"):
                task.delay_on_commit("ada", subject="hello")
        else:
            task.delay_on_commit("ada", subject="hello")
    for callback in on_commit:
        callback()

    [message] = queued(app)
    assert (message.args, message.kwargs) == (["ada"], {"subject": "hello"})
    assert message.headers["tenant"] == "1"


def test_outside_a_scope_a_connection_is_used(on_commit: list[Any]) -> None:
    """It is the caller's affair that it is open at the commit."""
    seen: list[Any] = []

    def apply_async(_: Any, *args: Any, **options: Any) -> None:
        seen.append((*args, options))

    task = notify(memory_app(), apply_async=apply_async)

    with Connection("memory://elsewhere") as connection, advised():
        task.apply_async_on_commit(("ada",), connection=connection)
        for callback in on_commit:
            callback()

    assert seen == [(("ada",), {"connection": connection})]


def test_django_need_not_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Celery's module for it cannot be imported then."""
    monkeypatch.setitem(sys.modules, "celery.contrib.django.task", None)
    app = memory_app()

    install_global_intercept(app)
    uninstall_global_intercept()

    with pytest.raises(ImportError):
        notify(app)
