"""Huey tasks: what is queued, with which arguments, and when."""

# Huey is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import queued_tasks
from huey import MemoryHuey, SqliteHuey, crontab
from queued_tasks import notify, ran, run_all

import airlock
from airlock import Intent
from airlock.integrations.executors.huey import huey_executor

if TYPE_CHECKING:
    from pathlib import Path

# Everything that `task(...)` and `task.s(...)` of one Huey or another take away.
OPTION_NAMES = (
    "id",
    "eta",
    "delay",
    "retries",
    "retry_delay",
    "retry_backoff",
    "priority",
    "expires",
    "timeout",
)


def test_a_task_waits_in_the_queue_with_its_arguments() -> None:
    """The effect belongs in the worker, not in the request."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(notify, "ada", subject="hello")

    [queued] = queued_tasks.huey.pending()
    assert queued.args == ("ada",)
    assert queued.kwargs == {"subject": "hello"}
    assert ran == []


def test_nothing_is_queued_before_the_scope_ends() -> None:
    """A worker that is faster than the commit would not find the row."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(notify, "ada")

        assert queued_tasks.huey.pending() == []


def test_a_discarded_scope_queues_nothing() -> None:
    """A failed operation must not mail anyone."""
    with pytest.raises(ValueError, match="boom"), airlock.scope(executor="huey"):
        airlock.enqueue(notify, "ada")
        raise ValueError("boom")

    assert queued_tasks.huey.pending() == []


def test_tasks_are_queued_in_the_order_of_their_enqueues() -> None:
    """What was written first may be what the second relies on."""
    with airlock.scope(executor="huey"):
        for number in range(5):
            airlock.enqueue(notify, number)

    assert [task.args for task in queued_tasks.huey.pending()] == [
        (number,) for number in range(5)
    ]


def test_arguments_named_like_options_reach_the_task() -> None:
    """`task(id=7)` would make 7 the message's own id, and run without it."""
    kwargs = dict.fromkeys(OPTION_NAMES, 7)

    with airlock.scope(executor="huey"):
        airlock.enqueue(notify, **kwargs)
    run_all()

    assert ran == [((), kwargs)]


def test_arguments_and_options_of_one_name_are_kept_apart() -> None:
    """A task about priorities still has a priority of its own."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(notify, priority="high", _dispatch_options={"priority": 3})

    [queued] = queued_tasks.huey.pending()
    assert queued.kwargs == {"priority": "high"}
    assert queued.priority == 3


def test_only_this_executor_keeps_them_apart() -> None:
    """The default one calls the task: Huey queues it, and takes the arguments."""
    with airlock.scope():
        airlock.enqueue(notify, priority=5, _dispatch_options={"delay": 60})

    [queued] = queued_tasks.huey.pending()
    assert queued.kwargs == {}
    assert queued.priority == 5
    assert queued.eta is None


def test_the_defaults_of_the_task_are_kept() -> None:
    """Whoever declared three retries relies on them, whoever enqueues."""
    huey = MemoryHuey("defaults")

    @huey.task(retries=3, retry_delay=5, priority=7, expires=600)
    def insist(address: str, priority: str) -> None: ...

    with airlock.scope(executor="huey"):
        airlock.enqueue(insist, "ada", priority="high")

    [queued] = huey.pending()
    assert queued.kwargs == {"priority": "high"}
    assert (queued.retries, queued.retry_delay, queued.priority) == (3, 5, 7)
    assert queued.expires == 600
    assert queued.expires_resolved is not None


def test_a_task_is_queued_on_the_huey_it_belongs_to() -> None:
    """A project may keep slow tasks on a queue of their own."""
    slow = MemoryHuey("slow")

    @slow.task()
    def rebuild(priority: str) -> None: ...

    with airlock.scope(executor="huey"):
        airlock.enqueue(rebuild, priority="low")
        airlock.enqueue(notify, priority="high")

    [queued] = slow.pending()
    assert queued.kwargs == {"priority": "low"}
    [queued] = queued_tasks.huey.pending()
    assert queued.kwargs == {"priority": "high"}


def test_the_result_of_huey_is_not_handed_on() -> None:
    """Only an awaitable means anything to a scope, and Huey's result is none."""
    assert huey_executor(Intent(notify)) is None


def test_a_huey_without_results_is_served_too() -> None:
    """Without a result store `enqueue` returns nothing to look at."""
    huey = MemoryHuey("no-results", results=False)

    @huey.task()
    def forget(priority: str) -> None: ...

    with airlock.scope(executor="huey"):
        airlock.enqueue(forget, priority="low")

    [queued] = huey.pending()
    assert queued.kwargs == {"priority": "low"}


def test_a_context_task_receives_its_message() -> None:
    """`context=True` tasks read their own id or number of retries left."""
    huey = MemoryHuey("context")
    seen: list[Any] = []

    @huey.task(context=True)
    def introspect(subject: str, task: Any) -> None:
        seen.append((subject, task.id))

    with airlock.scope(executor="huey"):
        airlock.enqueue(introspect, "hello", _dispatch_options={"id": "my-own"})
    run_all(huey)

    assert seen == [("hello", "my-own")]


def test_the_arguments_of_the_intent_stay_as_they_were() -> None:
    """Run in this very process, Huey writes into the arguments it is given."""
    huey = MemoryHuey("immediate-context", immediate=True)

    @huey.task(context=True)
    def introspect(subject: str, task: Any) -> None: ...

    with airlock.scope(executor="huey") as scope:
        airlock.enqueue(introspect, subject="hello")

    [intent] = scope.intents
    assert intent.kwargs == {"subject": "hello"}


def test_a_periodic_task_can_be_asked_for_out_of_turn() -> None:
    """The nightly rebuild, now, because somebody changed the prices."""
    huey = MemoryHuey("periodic")

    @huey.periodic_task(crontab(hour="3"))
    def rebuild(priority: str = "low") -> None:
        ran.append(priority)

    with airlock.scope(executor="huey"):
        airlock.enqueue(rebuild, priority="high")
    run_all(huey)

    assert ran == ["high"]


def test_a_locked_task_still_takes_its_lock() -> None:
    """The lock is inside the task; going past it would run two at once."""
    huey = MemoryHuey("locked")
    lock = huey.lock_task("reports")

    @huey.task()
    @lock
    def report(priority: str) -> None:
        ran.append((priority, lock.is_locked()))

    with airlock.scope(executor="huey"):
        airlock.enqueue(report, priority="high")
    run_all(huey)

    assert ran == [("high", True)]
    assert not lock.is_locked()


def test_a_subclass_of_the_task_wrapper_is_a_huey_task() -> None:
    """Huey lets a project make its own: `get_task_wrapper_class`."""

    class OwnWrapper(MemoryHuey().get_task_wrapper_class()):  # type: ignore[misc]
        pass

    class OwnHuey(MemoryHuey):  # type: ignore[misc]
        def get_task_wrapper_class(self) -> type[OwnWrapper]:
            return OwnWrapper

    huey = OwnHuey("own-wrapper")

    @huey.task()
    def own(priority: str) -> None: ...

    with airlock.scope(executor="huey"):
        airlock.enqueue(own, priority="high")

    [queued] = huey.pending()
    assert queued.kwargs == {"priority": "high"}


def test_a_priority_decides_what_a_worker_takes_first(tmp_path: Path) -> None:
    """An order of arrival is only the order among equals."""
    huey = SqliteHuey("priorities", filename=str(tmp_path / "huey.db"))

    @huey.task()
    def note(value: str) -> None:
        ran.append(value)

    with airlock.scope(executor="huey"):
        airlock.enqueue(note, "plain")
        airlock.enqueue(note, "urgent", _dispatch_options={"priority": 10})
    run_all(huey)
    huey.storage.close()

    assert ran == ["urgent", "plain"]


def test_arguments_that_cannot_be_serialised_end_the_flush() -> None:
    """Huey's own error arrives, with a note that tells which effect it was."""
    with pytest.raises(Exception, match="local object") as caught:  # noqa: SIM117
        with airlock.scope(executor="huey"):
            airlock.enqueue(notify, lambda: None)

    assert any("queued_tasks:notify" in note for note in caught.value.__notes__)
    assert queued_tasks.huey.pending() == []
