"""A task that is replaced: its effects leave, and then the replacement does."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from celery import Task
from celery.app.trace import _install_stack_protection, reset_worker_optimizations
from celery.exceptions import Ignore
from worker_memory import memory_app, queued, trace

import airlock
from airlock.integrations.celery import (
    AirlockTask,
    install_global_intercept,
    uninstall_global_intercept,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

app = memory_app()


def refuse(_: airlock.Intent) -> None:
    """Be an executor whose queue is away."""
    raise ConnectionError("broker away")


@app.task(shared=False)
def note(text: str) -> None:
    """Be an effect, and a replacement."""


@pytest.fixture(autouse=True)
def _nothing_queued_yet() -> None:
    queued(app)


@pytest.fixture(params=["own", "intercepted", "both"])
def base(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The base class of the task, with the intercept or without."""
    if request.param != "own":
        install_global_intercept(app)
    yield Task if request.param == "intercepted" else AirlockTask
    if request.param != "own":
        uninstall_global_intercept()


@pytest.fixture(params=[False, True], ids=["", "in a worker"])
def _optimized(request: pytest.FixtureRequest) -> Iterator[None]:
    """A worker replaces `Task.__call__`, for one that pushes no request of its own."""
    if request.param:
        _install_stack_protection()
    yield
    if request.param:
        reset_worker_optimizations(app)


def make(base: Any, body: Any, **attributes: Any) -> Any:
    """Return a task with a body that knows it."""
    made = app.task(body, base=base, bind=True, shared=False, name="own", **attributes)
    made.bind(app)
    app.tasks.pop("own")
    return made


def sent() -> list[str]:
    """Return what waits for a worker."""
    return [message.args[0] for message in queued(app)]


def replace(self: Any) -> Any:
    """Be a body that is replaced."""
    airlock.enqueue(note, "effect")
    raise self.replace(note.si("replacement"))


def test_the_replacement_is_sent_after_the_effects(base: Any) -> None:
    """In the order in which they were asked for, and each once."""
    state, result = trace(make(base, replace))

    assert sent() == ["effect", "replacement"]
    assert state == "IGNORED"
    assert isinstance(result, Ignore)


def test_a_flush_that_fails_sends_no_replacement(base: Any) -> None:
    """The task has failed: its replacement would go on with what never happened."""
    if base is Task:
        with airlock.configure(executor=refuse):
            state, result = trace(make(base, replace))
    else:
        state, result = trace(
            make(base, replace, airlock_executor=staticmethod(refuse))
        )

    assert state == "FAILURE"
    assert isinstance(result, ConnectionError)
    assert sent() == []


def test_a_body_that_goes_on_is_replaced_all_the_same(base: Any) -> None:
    """Celery tells by an exception, and code may catch them all."""

    def go_on(self: Any) -> str:
        with suppress(Exception):
            self.replace(note.si("replacement"))
        airlock.enqueue(note, "effect")
        return "done"

    assert trace(make(base, go_on)) == ("SUCCESS", "done")
    assert sent() == ["effect", "replacement"]


def test_a_body_that_fails_after_all_is_not_replaced(base: Any) -> None:
    """It is the task that has failed."""

    def fail(self: Any) -> None:
        try:
            self.replace(note.si("replacement"))
        finally:
            raise ValueError("boom")

    state, _ = trace(make(base, fail))

    assert state == "FAILURE"
    assert sent() == []


def test_a_replacement_that_cannot_be_sent_fails_the_task(base: Any) -> None:
    """What the task enqueued has left by then, and is not sent again."""

    def replace_by_nothing(self: Any) -> None:
        airlock.enqueue(note, "effect")
        self.replace(note.si(object()))

    state, _ = trace(make(base, replace_by_nothing))

    assert state == "FAILURE"
    assert sent() == ["effect"]


def test_without_a_scope_celery_sends_it_at_once() -> None:
    """As with `wrap_task_execution=False`."""

    def replace_alone(self: Any) -> None:
        self.replace(note.si("replacement"))

    install_global_intercept(app, wrap_task_execution=False)
    try:
        trace(make(Task, replace_alone))
    finally:
        uninstall_global_intercept()

    assert sent() == ["replacement"]


@pytest.mark.usefixtures("_optimized")
def test_a_call_of_itself_in_place_may_be_replaced(base: Any) -> None:
    """Celery runs it under a copy of the request."""

    def call_itself(self: Any, times: int = 1) -> Any:
        return self(times - 1) if times else replace(self)

    state, _ = trace(make(base, call_itself))

    assert state == "IGNORED"
    assert sent() == ["effect", "replacement"]


@pytest.mark.usefixtures("_optimized")
@pytest.mark.parametrize("is_above", [False, True])
def test_a_class_may_have_a_call_method(base: Any, *, is_above: bool) -> None:
    """It runs the body under a copy too, but in a worker."""

    class Own(Task):  # type: ignore[misc]
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return super().__call__(*args, **kwargs)

    class Above(Own, AirlockTask): ...

    class Below(AirlockTask, Own): ...

    kind = Own if base is Task else Above if is_above else Below
    state, _ = trace(make(kind, replace))

    assert state == "IGNORED"
    assert sent() == ["effect", "replacement"]


def test_the_last_of_several_replacements_is_sent_as_it_is_then(base: Any) -> None:
    """It is kept until the effects have left, and not copied."""

    def be_replaced_twice(self: Any) -> None:
        text = ["changed later"]
        for replacement in note.si("first"), note.si(text):
            with suppress(Exception):
                self.replace(replacement)
        text[0] = "last"

    trace(make(base, be_replaced_twice))

    left: list[Any] = sent()
    assert left == [["last"]]


def test_an_own_method_for_replacements_is_the_projects_code(base: Any) -> None:
    """What it calls in the old way is an effect, where the intercept sees it."""

    class Own(base):  # type: ignore[misc]
        def on_replace(self, sig: Any) -> Any:
            sig.delay()
            waiting.extend(sent())
            raise Ignore

    waiting: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        is_intercepted = hasattr(Task.replace, "__wrapped__")
        trace(make(Own, replace))

    at_once, later = ["replacement"], ["effect", "replacement"]
    expected = ([], later) if is_intercepted else (at_once, ["effect"])
    assert (waiting, sent()) == expected


def test_a_replacement_under_a_request_that_knows_nothing(base: Any) -> None:
    """Older versions of Celery push such a one when a task is called in place."""

    def be_replaced(self: Any) -> None:
        self.push_request(args=(), kwargs={})
        try:
            raise self.replace(note.si("replacement"))
        finally:
            self.pop_request()

    trace(make(base, be_replaced))

    assert sent() == ["replacement"]


def test_a_replacement_outside_a_worker_is_sent_at_once(base: Any) -> None:
    """Nothing there would send it afterwards."""

    def be_replaced(self: Any) -> None:
        raise self.replace(note.si("replacement"))

    with pytest.raises(Ignore):
        make(base, be_replaced)()

    assert sent() == ["replacement"]
