"""Old calls that airlock's own helpers make for the code: a scope decides them too."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
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


@app.task(shared=False)
def notify(address: str) -> None:
    """Be called in the old way."""


@app.task(base=LegacyTaskShim, shared=False)
def shimmed(address: str) -> None:
    """Be strict about it."""


@pytest.fixture(autouse=True)
def _intercepted() -> Iterator[None]:
    queued(app)
    install_global_intercept(app)
    yield
    uninstall_global_intercept()


either = pytest.mark.parametrize("task", [notify, shimmed], ids=["intercept", "shim"])


@either
def test_a_carried_call_belongs_to_the_scope_it_was_taken_from(task: Any) -> None:
    """Published at once, it would be there whatever becomes of the scope."""
    with airlock.scope(airlock.DropAll()) as scope, advised() as caught:
        result = airlock.carry(task.delay)("ada")

    assert result is None
    assert len(caught) == len(scope.intents) == 1
    assert queued(app) == []


@either
def test_a_pool_of_threads_calls_into_the_scope(task: Any) -> None:
    """That is what `carry` is for."""
    with (
        ThreadPoolExecutor(2) as pool,
        airlock.scope(executor="celery") as scope,
        advised(),
    ):
        list(pool.map(airlock.carry(task.delay), ["ada", "bob"]))
        before = queued(app)

    assert before == []
    assert len(scope.intents) == len(queued(app)) == 2


@either
def test_a_decorated_call_has_a_scope_of_its_own(task: Any) -> None:
    """Its policy decides."""
    with advised():
        airlock.scoped(airlock.DropAll())(task.delay)("ada")
        airlock.scoped(executor="celery")(task.delay)("bob")

    assert [message.args for message in queued(app)] == [["bob"]]


@either
def test_what_a_scope_runs_in_place_is_decided(task: Any) -> None:
    """The method was the effect, and the scope has let it go."""
    with airlock.scope() as outer, airlock.scope():
        airlock.enqueue(task.delay, "ada")

    assert outer.intents == []
    assert [message.args for message in queued(app)] == [["ada"]]
