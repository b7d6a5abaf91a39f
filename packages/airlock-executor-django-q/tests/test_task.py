"""What is queued as a task: any callable that a worker can import."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import parcels
import pytest
from django_q.models import OrmQ, Task
from parcels import Clerk, ran, send, send_pair, send_slowly
from queued_parcels import queued, run_all

import airlock
from airlock import NotATaskError
from airlock.integrations.executors.django_q import django_q_executor

pytestmark = pytest.mark.django_db(transaction=True)

# All that django-q would take for an option, or for a parameter of its function.
NAMES = (
    *("func", "q_options", "ack_failure", "broker", "cached", "chain", "cluster"),
    *("group", "hook", "iter_cached", "iter_count", "save", "sync", "task_name"),
    "timeout",
)


def flush(task: Any, *args: Any, **kwargs: Any) -> None:
    """Let one effect leave."""
    with airlock.scope(executor="django_q"):
        airlock.enqueue(task, *args, **kwargs)


def test_the_executor_is_selected_by_its_name() -> None:
    """Applications write the name, and need not import anything."""
    assert airlock.resolve_executor("django-q") is django_q_executor


def test_a_function_is_queued_at_the_flush_and_does_not_run_here() -> None:
    """It is no task of anything: django-q takes what can be imported."""
    with airlock.scope(executor="django_q"):
        airlock.enqueue(send, 17, copy_to="ada")
        assert queued() == []

    [message] = queued()
    assert (message["func"], message["args"]) == (send, (17,))
    assert message["kwargs"] == {"copy_to": "ada"}
    assert ran == []


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (partial(send, 1), (1, 17)),
        (Clerk("ada").send, ("ada", 17)),
        (parcels.Clerk, ()),
    ],
)
def test_other_callables_are_queued_too(task: Any, expected: tuple[Any, ...]) -> None:
    """Partials, methods and classes, if they can be pickled."""
    flush(task, 17)
    run_all()

    assert ran == ([expected] if expected else [])
    assert Task.objects.get().success


@pytest.mark.parametrize("name", NAMES)
def test_an_argument_named_like_an_option_reaches_the_task(name: str) -> None:
    """Django-q would take it, and the task run without it."""
    flush(send, 1, _dispatch_options={"group": "mail"}, **{name: "mine"}, other=2)
    run_all()

    assert ran == [(1, {name: "mine", "other": 2})]
    assert Task.objects.get().group == "mail"


def test_such_a_task_is_shown_by_its_name_and_those_of_the_arguments() -> None:
    """The column is short, and "resubmit" must not find a function of that text."""
    flush(send, group="a" * 300, timeout=1)
    run_all()

    assert Task.objects.get().func == "parcels.send(group=..., timeout=...)"


@pytest.mark.parametrize("task", [lambda: None, partial(lambda: None)])
def test_what_cannot_be_pickled_ends_the_flush(task: Any) -> None:
    """In the words of pickle; a note says which effect it was."""
    with pytest.raises(Exception, match="pickle") as raised:
        flush(task)

    assert "<lambda> failed" in raised.value.__notes__[0]
    assert queued() == []


def test_a_coroutine_function_is_refused() -> None:
    """The cluster would call it, and await nothing."""
    with pytest.raises(NotATaskError, match="parcels:send_slowly, a coroutine"):
        flush(send_slowly)

    assert queued() == []


def test_a_function_of_a_script_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cluster runs another script, and dies of what it cannot find in its own."""

    def script() -> None: ...

    monkeypatch.setattr(script, "__module__", "__main__")
    monkeypatch.setattr(script, "__qualname__", "script")
    monkeypatch.setattr(sys.modules["__main__"], "script", script, raising=False)

    with pytest.raises(NotATaskError, match="__main__:script, which a worker"):
        flush(script)

    assert queued() == []


def test_what_cannot_be_called_is_refused() -> None:
    """The cluster would look for a function of that text."""
    task: Any = object()

    with pytest.raises(NotATaskError, match="cannot be called"):
        flush(task)

    assert queued() == []


def test_a_path_is_refused_at_the_enqueue() -> None:
    """A misspelt one would fail in the cluster, where nobody looks."""
    path: Any = "parcels.snd"

    with pytest.raises(NotATaskError, match="the task itself, not its name"):
        flush(path)


def test_a_rollback_takes_the_queue_back() -> None:
    """Without a scope that waits for the commit, the row is part of the work."""
    from django.db import transaction

    with transaction.atomic():
        flush(send_pair, 1, 2)
        assert OrmQ.objects.count() == 1
        transaction.set_rollback(True)

    assert queued() == []


def test_a_scope_of_django_queues_after_the_commit() -> None:
    """As any executor there; the row has a transaction of its own."""
    from django.db import transaction

    scopes = pytest.importorskip("airlock.integrations.django")

    with transaction.atomic():
        with airlock.scope(_cls=scopes.DjangoScope, executor="django_q"):
            airlock.enqueue(send, 1)
            airlock.enqueue(send, 2)
        assert OrmQ.objects.count() == 0

    assert [message["args"] for message in queued()] == [(1,), (2,)]
