"""Where no executor is configured: what a task enqueues is sent to Celery, once."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator,no-untyped-call"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from celery import Task, chain, chord, group
from worker_memory import advised, memory_app, queued, trace

import airlock
from airlock.integrations.celery import (
    AirlockTask,
    LegacyTaskShim,
    install_global_intercept,
    uninstall_global_intercept,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

app = memory_app()
ran: list[str] = []


@app.task(shared=False)
def note(text: str) -> None:
    """Be an effect."""
    ran.append(text)


@app.task(base=LegacyTaskShim, shared=False)
def old_note(text: str) -> None:
    """Be an effect that refuses to be called in the old way."""


EFFECTS: dict[str, tuple[Callable[[], Any], list[str]]] = {
    "task": (lambda: note.s("one"), ["one"]),
    "chain": (lambda: chain(note.si("one"), note.si("two")), ["one"]),
    "group": (lambda: group([note.si("one"), note.si("two")], app=app), ["one", "two"]),
    "chord": (lambda: chord([note.si("one")], note.si("two"), app=app), ["one"]),
}
CANVASES = {name: effect for name, effect in EFFECTS.items() if name != "task"}


@pytest.fixture(params=["own", "intercepted", "both"])
def base(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The base class of the task, with the intercept or without."""
    queued(app)
    ran.clear()
    if request.param != "own":
        install_global_intercept(app)
    yield Task if request.param == "intercepted" else AirlockTask
    if request.param != "own":
        uninstall_global_intercept()


def run(base: Any, body: Callable[[], None]) -> None:
    """Run a task with that body, as a worker does."""
    task = app.task(body, base=base, shared=False, name="own")
    task.bind(app)
    app.tasks.pop("own")
    assert trace(task)[0] == "SUCCESS"


@pytest.mark.parametrize("effect", EFFECTS.values(), ids=EFFECTS)
def test_an_effect_of_a_task_becomes_a_message(base: Any, effect: Any) -> None:
    """A task, or a canvas as a whole; nothing runs in place, and nothing warns."""
    make, sent = effect

    def enqueue() -> None:
        airlock.enqueue(make())

    run(base, enqueue)

    assert [message.args[0] for message in queued(app)] == sent
    assert ran == []


@pytest.mark.parametrize("effect", CANVASES.values(), ids=CANVASES)
def test_a_canvas_of_a_scope_inside_is_sent_once(base: Any, effect: Any) -> None:
    """When that scope ends: it is not buffered again in the scope of the task."""
    make, sent = effect
    seen: list[Any] = []

    def nest() -> None:
        outer = airlock.get_current_scope()
        assert outer is not None
        with airlock.scope():
            airlock.enqueue(make())
        seen.extend([len(outer.intents), *queued(app)])

    run(base, nest)

    assert seen[0] == 0
    assert [message.args[0] for message in seen[1:]] == sent
    assert queued(app) == []


def test_a_canvas_of_shimmed_tasks_is_sent_where_no_executor_is() -> None:
    """The scope let it go, and there is none further out that could buffer it."""
    queued(app)

    with airlock.scope():
        airlock.enqueue(chain(old_note.si("one"), old_note.si("two")))

    assert [message.args for message in queued(app)] == [["one"]]


def test_a_function_that_runs_in_place_is_the_projects_own() -> None:
    """What it calls in the old way was not decided by the scope that let it go."""
    with advised(), pytest.raises(airlock.NoScopeError), airlock.scope():
        airlock.enqueue(lambda: old_note.delay("one"))
