"""The global intercept comes and goes without a trace."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from celery import Celery, Task, canvas, current_app
from celery.exceptions import Ignore
from worker_memory import advised, memory_app, queued

import airlock
from airlock.integrations.celery import (
    AirlockTask,
    InterceptError,
    install_global_intercept,
    uninstall_global_intercept,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def owners() -> list[Any]:
    """Return all classes of Celery's that could be patched."""
    found = [value for value in vars(canvas).values() if isinstance(value, type)]
    return [Task, Celery, *found]


@pytest.fixture
def installed() -> Iterator[Any]:
    """An app under the intercept."""
    app = memory_app()
    install_global_intercept(app)
    yield app
    uninstall_global_intercept()


def in_scope() -> bool:
    """Be the body of a task."""
    return airlock.get_current_scope() is not None


def test_it_is_installed_once() -> None:
    """Twice, every call would be buffered twice over."""
    install_global_intercept(memory_app())

    with pytest.raises(RuntimeError, match="is installed already") as caught:
        install_global_intercept(memory_app())
    uninstall_global_intercept()

    assert isinstance(caught.value, InterceptError)
    assert isinstance(caught.value, airlock.AirlockError)


@pytest.mark.parametrize("app", ["shop", Celery])
def test_what_is_no_app_is_refused_and_leaves_nothing_installed(app: Any) -> None:
    """Half an intercept would be in the way of the right call."""
    before = [dict(vars(owner)) for owner in owners()]

    with pytest.raises(airlock.ArgumentError, match="the app itself"):
        install_global_intercept(app)

    assert [dict(vars(owner)) for owner in owners()] == before
    with pytest.raises(InterceptError, match="is not installed"):
        uninstall_global_intercept()


def test_what_is_not_installed_cannot_be_uninstalled() -> None:
    """A second call would be a mistake about the state of the process."""
    with pytest.raises(InterceptError, match="is not installed"):
        uninstall_global_intercept()


def test_uninstalling_restores_every_class_exactly() -> None:
    """Also the classes of tasks that were made in between."""
    app = memory_app()

    class Custom(Task):  # type: ignore[misc]
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return super().__call__(*args, **kwargs)

    before = app.task(in_scope, name="before", base=Custom, shared=False)
    app.finalize()
    old = [dict(vars(owner)) for owner in [*owners(), type(before)]]
    install_global_intercept(app)
    between = app.task(in_scope, name="between", shared=False)
    changed = [dict(vars(owner)) for owner in [*owners(), type(before)]]
    assert "__call__" in vars(type(between))

    uninstall_global_intercept()

    assert changed != old
    assert [dict(vars(owner)) for owner in [*owners(), type(before)]] == old
    assert "__call__" not in vars(type(between))


def test_it_can_be_installed_again() -> None:
    """As test suites do."""
    for _ in range(2):
        install_global_intercept(memory_app())
        uninstall_global_intercept()


def test_every_task_of_the_app_runs_in_a_scope(installed: Any) -> None:
    """Made by a decorator or as a class, and with an own call method."""

    class OfClass(Task):  # type: ignore[misc]
        name = "of_class"

        def run(self) -> bool:
            return in_scope()

    class Custom(Task):  # type: ignore[misc]
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return in_scope(), super().__call__(*args, **kwargs)

    class OwnCall(OfClass):
        name = "own_call"

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return in_scope(), super().__call__(*args, **kwargs)

    plain = installed.task(in_scope, shared=False)
    of_class = installed.register_task(OfClass())
    custom = installed.task(in_scope, name="custom", base=Custom, shared=False)
    own_call = installed.register_task(OwnCall())

    assert plain.apply().get() is True
    assert of_class.apply().get() is True
    assert custom.apply().get() == (True, True)
    assert own_call.apply().get() == (True, True)


def test_the_effects_of_a_task_wait_for_its_end(installed: Any) -> None:
    """They are what it calls in the old way, and leave as messages."""

    @installed.task(shared=False)
    def notify() -> None: ...

    @installed.task(shared=False)
    def order(*, fails: bool) -> None:
        notify.delay()
        assert queued(installed) == []
        if fails:
            raise ValueError("boom")

    with advised():
        order.apply(kwargs={"fails": True})
        order.apply(kwargs={"fails": False})

    assert len(queued(installed)) == 1


def test_a_task_that_replaces_itself_keeps_its_effects(installed: Any) -> None:
    """As an `AirlockTask` does."""

    class Publishing(Task):  # type: ignore[misc]
        def on_replace(self, _: Any) -> Any:
            raise Ignore

    @installed.task(shared=False)
    def notify() -> None: ...

    @installed.task(base=Publishing, bind=True, shared=False)
    def be_replaced(self: Any) -> None:
        notify.delay()
        self.replace(notify.si())

    with advised():
        be_replaced.apply()

    assert len(queued(installed)) == 1


def test_some_tasks_are_left_alone(installed: Any) -> None:
    """Celery's own, those of other apps, and those that have a scope already."""
    other = memory_app()
    own = installed.task(in_scope, base=AirlockTask, name="own", shared=False)
    foreign = other.task(in_scope, name="foreign", shared=False)
    installed.finalize()

    assert foreign.apply().get() is False
    assert "__call__" not in vars(type(own))
    assert "__call__" not in vars(type(installed.tasks["celery.chain"]))
    assert "__call__" not in vars(installed.Task)


def test_execution_need_not_be_wrapped() -> None:
    """To find the calls first, and draw the boundaries later."""
    app = memory_app()
    plain = app.task(in_scope, shared=False)
    plain.bind(app)
    install_global_intercept(app, wrap_task_execution=False)
    try:
        with airlock.scope(policy=airlock.DropAll()) as scope, advised():
            plain.delay()
        result = plain.apply()
    finally:
        uninstall_global_intercept()

    assert len(scope.intents) == 1
    assert result.get() is False


def test_the_current_app_may_be_given() -> None:
    """Celery hands it out as a proxy."""
    with memory_app() as app:
        app.set_current()
        install_global_intercept(current_app)
        task = app.task(in_scope, shared=False)
        try:
            result = task.apply()
        finally:
            uninstall_global_intercept()

    assert result.get() is True


def test_it_is_the_app_that_is_current_then() -> None:
    """The proxy leads to the next one as soon as that is made."""
    other = memory_app()
    with memory_app() as app:
        app.set_current()
        install_global_intercept(current_app)
        try:
            other.set_current()
            own = app.task(in_scope, name="own", shared=False).apply().get()
            foreign = other.task(in_scope, name="foreign", shared=False).apply().get()
        finally:
            uninstall_global_intercept()

    assert (own, foreign) == (True, False)


def test_what_others_patched_since_is_left_to_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tracing tools patch the same methods, and would be torn out in silence."""
    app = memory_app()
    task = app.task(in_scope, name="task", shared=False)
    install_global_intercept(app)
    traced: list[str] = []
    for owner in Task, task.__class__:
        name = "apply_async" if owner is Task else "__call__"
        patch(monkeypatch, owner, name, traced)

    uninstall_global_intercept()
    task.delay()
    in_place = task.apply().get()
    with airlock.scope(policy=airlock.DropAll()) as scope:
        task.delay()

    assert traced == ["apply_async", "__call__", "apply_async"]
    assert in_place is False
    assert scope.intents == []
    assert len(queued(app)) == 2


def patch(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, traced: list[str]
) -> None:
    """Do as a tracing tool does."""
    method = getattr(owner, name)

    def tracing(*args: Any, **kwargs: Any) -> Any:
        traced.append(name)
        return method(*args, **kwargs)

    monkeypatch.setattr(owner, name, tracing)


def test_installed_again_it_stands_before_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it left behind does not count as being there."""
    app = memory_app()
    install_global_intercept(app)
    traced: list[str] = []
    patch(monkeypatch, Task, "apply_async", traced)
    monkeypatch.setattr(Task, "bind", classmethod(vars(Task)["bind"].__func__))
    uninstall_global_intercept()
    theirs = [vars(Task)["apply_async"], vars(Task)["bind"]]

    install_global_intercept(app)
    task = app.task(in_scope, name="task", shared=False)
    with airlock.scope(policy=airlock.DropAll()), advised():
        task.delay()
    in_place = task.apply().get()
    uninstall_global_intercept()

    assert traced == []
    assert in_place is True
    assert [vars(Task)["apply_async"], vars(Task)["bind"]] == theirs
