"""What the warning of a shim says to write where the code called a canvas."""

# A lambda on the line where the warning must point; code that is shown is run.
# ruff: noqa: PLW0108, S102
# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator,no-untyped-call"
from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from celery import chain, chord, chunks, group, signature
from worker_memory import advised, memory_app

import airlock
from airlock.integrations.celery import (
    LegacyTaskShim,
    install_global_intercept,
    uninstall_global_intercept,
)

if TYPE_CHECKING:
    from collections.abc import Callable

app = memory_app()


@app.task(base=LegacyTaskShim, shared=False)
def a(*args: Any, **kwargs: Any) -> None:
    """Be a part of a canvas."""


@app.task(base=LegacyTaskShim, shared=False)
def b(*args: Any, **kwargs: Any) -> None:
    """Be another part."""


def later() -> Any:
    """Return a group whose members are not known yet."""
    return group((a.s(number) for number in range(2)), app=app)


def stamped() -> Any:
    """Return a chord with a group where Celery commonly has a list."""
    canvas = chord([a.s(1)], b.s(), app=app)
    canvas.tasks = group(canvas.tasks, app=app)
    return canvas


CALLS: list[tuple[Callable[[], Any], str]] = [
    (lambda: (a.s(1) | b.s(2)).delay(), "a.s(1) | b.s(2)"),
    (lambda: chain(a.si(1), b.s(key="x"))(), "a.si(1) | b.s(key='x')"),
    (lambda: (a.s() | b.s()).delay(1), "a.s() | b.s(), 1"),
    (
        lambda: (a.s() | b.s().set(queue="mail")).apply_async((1,), countdown=60),
        "a.s() | b.s().set(queue='mail'), 1, _dispatch_options={'countdown': 60}",
    ),
    (
        lambda: (a.s(1) | b.s()).set(priority=5).delay(),
        "(a.s(1) | b.s()).set(priority=5)",
    ),
    (
        lambda: (a.s(1) | b.s()).apply_async(link_error=[b.si("sorry")]),
        "a.s(1) | b.s(), _dispatch_options={'link_error': [b.si('sorry')]}",
    ),
    (lambda: group([a.s(1), b.s(2)], app=app).delay(), "group(a.s(1), b.s(2))"),
    (
        lambda: group([a.s(), b.s()], app=app).apply_async((1,), countdown=60),
        "group(a.s(), b.s()), 1, _dispatch_options={'countdown': 60}",
    ),
    (
        lambda: chord([a.s(1), a.s(2)], app=app)(b.s()),
        "chord([a.s(1), a.s(2)], b.s())",
    ),
    (
        lambda: chord(group([a.s(1)], app=app), b.s(), app=app).delay(),
        "chord([a.s(1)], b.s())",
    ),
    (lambda: later().delay(), "my_group"),
    (lambda: group([a.s()] * 11, app=app).delay(), "my_group"),
]

OF_THE_INTERCEPT: list[tuple[Callable[[], Any], str]] = [
    (lambda: a.chunks([(1,), (2,)], 1)(), "a.chunks([(1,), (2,)], 1)"),
    (lambda: a.map([1, 2]).delay(), "a.map([1, 2])"),
    (lambda: a.starmap([(1,)]).apply_async(), "a.starmap([(1,)])"),
    (
        lambda: chunks(app.signature("far.away"), [(1,)], 1, app=app)(),
        "my_chunks",
    ),
    (lambda: stamped().delay(), "chord([a.s(1)], b.s())"),
    (lambda: a.s(1).delay(2), "a.s(1), 2"),
    (
        lambda: app.signature("far.away").delay(1),
        "app.signature('far.away'), 1",
    ),
    (
        lambda: signature("far.away", (1,), {"x": 2}, immutable=True, app=app).delay(),
        "app.signature('far.away', (1,), {'x': 2}, immutable=True)",
    ),
]


def texts(call: Callable[[], Any]) -> set[str]:
    """Return what the warnings of a call say to write."""
    with airlock.scope(policy=airlock.DropAll()), advised() as caught:
        call()
    assert {warning.lineno for warning in caught} == {call.__code__.co_firstlineno}
    return {str(warning.message).partition("instead: ")[2] for warning in caught}


@pytest.mark.parametrize(("call", "text"), CALLS)
def test_the_shim_shows_the_canvas(call: Callable[[], Any], text: str) -> None:
    """The task that Celery then calls is none of the caller's business."""
    assert texts(call) == {f"airlock.enqueue({text})"}


@pytest.mark.parametrize(("call", "text"), [*CALLS, *OF_THE_INTERCEPT])
def test_the_intercept_shows_the_same(call: Callable[[], Any], text: str) -> None:
    """It stands before the canvas."""
    install_global_intercept(app)
    try:
        assert texts(call) == {f"airlock.enqueue({text})"}
    finally:
        uninstall_global_intercept()


@pytest.mark.parametrize("text", [text for _, text in CALLS if "my_" not in text])
def test_what_is_shown_can_be_written(text: str) -> None:
    """As it stands."""
    names = {"airlock": airlock, "a": a, "b": b, "group": group, "chord": chord}

    with airlock.scope(policy=airlock.DropAll()) as scope:
        exec(f"airlock.enqueue({text})", names)

    assert len(scope.intents) == 1


def test_a_helper_of_the_same_name_is_not_misread() -> None:
    """It may have names of its own for anything."""

    def delay(canvas: Any, options: Any = None) -> None:
        canvas.apply_async(**(options or {}))

    with airlock.scope(policy=airlock.DropAll()), advised() as caught:
        delay(a.s(1) | b.s(2))

    [warning] = caught
    assert str(warning.message).endswith("airlock.enqueue(a.s(1) | b.s(2))")


def test_a_canvas_that_a_thread_starts_with() -> None:
    """There is no line of the project's on the stack."""
    canvas = a.s(1) | b.s(2)
    seen: list[Any] = []

    def work() -> None:
        with airlock.scope(policy=airlock.DropAll()), advised() as caught:
            canvas.delay()
        seen.extend(str(warning.message) for warning in caught)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    [text] = seen
    assert text.endswith("airlock.enqueue(a.s(1) | b.s(2))")
