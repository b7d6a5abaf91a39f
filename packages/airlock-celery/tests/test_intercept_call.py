"""The global intercept: what becomes of calls inside and outside a scope."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from celery import Task, chain, chord, chunks, group
from celery.canvas import Signature
from celery.result import AsyncResult
from worker_memory import advised, memory_app, queued

import airlock
from airlock.integrations.celery import (
    LegacyTaskShim,
    install_global_intercept,
    uninstall_global_intercept,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

app = memory_app()
HERE = str(Path(__file__))


@app.task(shared=False)
def notify(address: str = "nobody") -> None:
    """Be called in the old way."""


@app.task(base=LegacyTaskShim, shared=False)
def shimmed(address: str = "nobody") -> None:
    """Be strict about it."""


@pytest.fixture(autouse=True)
def _intercepted() -> Iterator[None]:
    queued(app)
    install_global_intercept(app)
    yield
    uninstall_global_intercept()


# Each on a line of its own, which is where the warning must point.
# ruff: noqa: PLW0108
CALLS: dict[str, Any] = {
    "delay": lambda: notify.delay("ada"),
    "apply_async": lambda: notify.apply_async(("ada",)),
    "send_task": lambda: app.send_task(notify.name, ("ada",)),
    "signature": lambda: notify.s("ada").delay(),
    "immutable": lambda: notify.si("ada").delay(),
    "map": lambda: notify.map(["ada"]).apply_async(),
    "chunks": lambda: notify.chunks([("ada",)], 1)(),
    "apply_chunks": lambda: chunks.apply_chunks(notify.s(), [("ada",)], 1, app=app),
    "chain": lambda: chain(notify.si("ada"), notify.si("bob"))(),
    "group": lambda: group(notify.s("ada"), notify.s("bob"), app=app)(),
    "group.delay": lambda: group([notify.s("ada"), notify.s("bob")], app=app).delay(),
}
STRICT_CALLS: dict[str, Any] = {
    "shimmed": lambda: shimmed.s("ada").delay(),
    "chain": lambda: chain(shimmed.si("ada"), notify.si("bob"))(),
    "group": lambda: group(shimmed.s("ada"), notify.s("bob"), app=app)(),
    "chord": lambda: chord([shimmed.s("ada")], app=app)(notify.si("bob")),
}
any_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@any_call
def test_inside_a_scope_a_call_is_one_effect(call: Callable[[], Any]) -> None:
    """It leaves when the scope flushes, and there is no result to look at yet."""
    with airlock.scope(executor="celery") as scope, advised() as caught:
        result = call()
        before = queued(app)

    [warning] = caught
    assert warning.category is DeprecationWarning
    assert (warning.filename, warning.lineno) == (HERE, call.__code__.co_firstlineno)
    assert result is None
    assert len(scope.intents) == 1
    assert before == []
    assert len(queued(app)) in (1, 2)


@any_call
def test_outside_a_scope_a_call_passes_with_a_warning(call: Callable[[], Any]) -> None:
    """One, at the line that made it, however many messages come of it."""
    with advised() as caught:
        result = call()

    [warning] = caught
    assert (warning.filename, warning.lineno) == (HERE, call.__code__.co_firstlineno)
    assert result is not None
    assert len(queued(app)) in (1, 2)


@pytest.mark.parametrize("call", STRICT_CALLS.values(), ids=STRICT_CALLS)
def test_a_shim_is_as_strict_in_a_canvas(call: Callable[[], Any]) -> None:
    """Nothing has decided about it outside a scope; inside one it is one effect."""
    with advised() as caught, pytest.raises(airlock.NoScopeError):
        call()
    with airlock.scope(policy=airlock.DropAll()) as scope, advised():
        call()

    [warning] = caught
    assert (warning.filename, warning.lineno) == (HERE, call.__code__.co_firstlineno)
    assert len(scope.intents) == 1
    assert queued(app) == []


@any_call
def test_a_dropped_call_sends_nothing(call: Callable[[], Any]) -> None:
    """The policy is asked before Celery has done anything at all."""
    with airlock.scope(policy=airlock.DropAll(), executor="celery"), advised():
        call()

    assert queued(app) == []


def test_nothing_of_ours_breaks_a_call_outside_a_scope() -> None:
    """What could not be buffered is sent as ever."""
    member = app.signature("far.away")

    group([member, member], app=app).delay(_origin="web")

    sent = [message.kwargs for message in queued(app)]
    assert sent == [{"_origin": "web"}] * 2


def test_a_canvas_that_cannot_be_shown_is_called_all_the_same() -> None:
    """The warning is an aid, and no condition."""
    with airlock.scope(policy=airlock.DropAll()) as scope, advised() as caught:
        Signature("celery.chain", app=app).delay()

    [warning] = caught
    assert str(warning.message).endswith("Write instead: airlock.enqueue(...)")
    assert len(scope.intents) == 1


def test_a_result_outside_a_scope_is_celerys_own() -> None:
    """Code that waits for it goes on to work until it has a scope."""
    with advised():
        assert isinstance(notify.delay(), AsyncResult)


def test_a_chord_is_one_effect_with_its_body() -> None:
    """However the body is given to it."""
    header = [notify.si("ada"), notify.si("bob")]

    with airlock.scope(policy=airlock.DropAll()) as scope, advised() as caught:
        chord(header, app=app)(notify.si("body"))
        chord(header, notify.si("body"), app=app).delay()

    text = "enqueue(chord([notify.si('ada'), notify.si('bob')], notify.si('body')))"
    assert [str(each.message)[-len(text) :] for each in caught] == [text] * 2
    bodies: list[Any] = [intent.task for intent in scope.intents]
    assert [canvas.body["args"] for canvas in bodies] == [("body",), ("body",)]
    assert [intent.kwargs for intent in scope.intents] == [{}, {}]


def test_an_immutable_chord_keeps_the_body_that_it_is_called_with() -> None:
    """It drops arguments, and the body is none."""
    canvas = chord([notify.si("ada")], app=app, immutable=True)

    with airlock.scope(executor="celery") as scope, advised():
        canvas(notify.si("body"))

    sent: Any = scope.intents[0].task
    assert sent.body["args"] == ("body",)
    assert [message.args for message in queued(app)] == [["ada"]]


def test_options_are_kept_and_connections_are_not() -> None:
    """What is alive at the call need not be at the flush."""
    parts = chain(notify.si("ada"), notify.si("bob"))

    with (
        app.producer_or_acquire() as producer,
        advised(),
        airlock.scope(executor="celery") as scope,
    ):
        parts.apply_async(priority=5, producer=producer)
        app.send_task("far.away", ("ada",), priority=5, producer=producer)

    options = [intent.dispatch_options for intent in scope.intents]
    assert options == [{"priority": 5}, {"priority": 5}]
    assert [message.task for message in queued(app)] == [notify.name, "far.away"]


def test_a_name_alone_is_known_to_policies() -> None:
    """The task may live in another project."""
    policy = airlock.BlockTasks(["far.away"])

    with airlock.scope(policy=policy, executor="celery"), advised() as caught:
        app.send_task("far.away", ("ada",), countdown=1)

    [warning] = caught
    text = "airlock.enqueue(app.signature('far.away'), 'ada', _dispatch_options="
    assert text in str(warning.message)
    assert queued(app) == []


def test_what_an_immutable_signature_is_given_is_dropped() -> None:
    """Celery does so, and old code may rely on it."""
    with airlock.scope(executor="celery") as scope, advised():
        notify.si("ada").delay("bob")

    [intent] = scope.intents
    assert intent.args == ()
    assert [message.args for message in queued(app)] == [["ada"]]


def test_a_blocked_task_is_blocked_by_itself() -> None:
    """A policy is given the task that the code called."""
    policy = airlock.BlockTasks([notify])

    with airlock.scope(policy=policy, executor="celery"), advised():
        notify.delay("ada")
        notify.s("bob").delay()
        shimmed.delay("cem")

    assert [message.args for message in queued(app)] == [["cem"]]


def test_another_app_is_intercepted_too() -> None:
    """The methods belong to Celery, and not to an app."""
    other = memory_app()

    @other.task(shared=False)
    def tell() -> None: ...

    with airlock.scope(executor="celery") as scope, advised():
        tell.delay()

    assert len(scope.intents) == 1
    assert len(queued(other)) == 1


def test_a_method_that_a_greenlet_starts_with_has_no_caller() -> None:
    """The stack ends with Celery's method, and Celery has nothing to send."""
    greenlet = pytest.importorskip("greenlet")

    with advised() as caught:
        greenlet.greenlet(notify.delay).switch("ada")

    [warning] = caught
    assert warning.filename == Task.delay.__code__.co_filename
    assert [message.args for message in queued(app)] == [["ada"]]
