"""Dispatch options: those of Huey's `schedule()`, and no others."""

from __future__ import annotations

import pickle
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import queued_tasks
from huey import MemoryHuey
from huey.api import Task
from queued_tasks import insist, notify, ran

import airlock
from airlock.integrations.executors.huey import HueyOptionError

if TYPE_CHECKING:
    from collections.abc import Iterator

HUEY_HAS_TIMEOUTS = hasattr(Task, "default_timeout")


def remind(address: str) -> None:
    """Be a task, once decorated."""


def enqueue(options: dict[str, Any], task: Any = notify) -> Any:
    """Enqueue a task with options, and return what was queued."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(task, "ada", _dispatch_options=options)
    [queued] = task.huey.pending()
    return queued


@pytest.fixture
def _far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "XXX+07:30")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("id", "my-own"),
        ("retries", 9),
        ("retries", 0),
        ("retry_delay", 11),
        ("priority", 2),
        ("priority", 0),
        ("expires", 30),
    ],
)
def test_an_option_overrides_the_default_of_the_task(option: str, value: Any) -> None:
    """Also a zero: "no retries, this time" is a decision."""
    queued = enqueue({option: value}, insist)

    assert getattr(queued, option) == value


@pytest.mark.parametrize("delay", [90, 90.0, timedelta(seconds=90)])
@pytest.mark.parametrize("utc", [True, False])
@pytest.mark.usefixtures("_far_from_utc")
def test_a_delay_becomes_the_eta_on_the_clock_of_that_huey(
    delay: float | timedelta, *, utc: bool
) -> None:
    """Hours away from UTC, the wrong clock sends a reminder at once or too late."""
    huey = MemoryHuey("clock", utc=utc)
    later = huey.task()(remind)

    def clock() -> datetime:
        return datetime.now(UTC if utc else None).replace(tzinfo=None)

    earliest = clock() + timedelta(seconds=90)
    queued = enqueue({"delay": delay}, later)

    assert earliest <= queued.eta <= clock() + timedelta(seconds=90)


@pytest.mark.parametrize("zone", [None, UTC, timezone(timedelta(hours=5))])
@pytest.mark.parametrize("utc", [True, False])
@pytest.mark.usefixtures("_far_from_utc")
def test_an_eta_means_what_it_means_to_huey(
    zone: timezone | None, *, utc: bool
) -> None:
    """A naive time is local, an aware one is exact: as `schedule(eta=...)` has it."""
    huey = MemoryHuey("eta", utc=utc)
    later = huey.task()(remind)
    eta = datetime(2099, 1, 2, 3, 4, 5, tzinfo=zone)
    later.schedule(("ada",), eta=eta)
    [by_huey] = huey.pending()
    huey.flush()

    queued = enqueue({"eta": eta}, later)

    assert queued.eta == by_huey.eta


def test_a_delayed_task_is_scheduled_by_the_worker() -> None:
    """What the worker finds too early it puts aside."""
    queued = enqueue({"delay": 3600})
    queued_tasks.huey.execute(queued)

    [scheduled] = queued_tasks.huey.scheduled()
    assert scheduled.args == ("ada",)
    assert ran == []


def test_options_that_are_none_mean_now() -> None:
    """`schedule()` refuses to be given neither; code that computes a delay may."""
    queued = enqueue({"delay": None, "eta": None, "retries": 9})

    assert queued.eta is None
    assert queued.retries == 9


def test_a_task_without_options_has_no_eta() -> None:
    """Clocks differ: "now" here may be in the future where the worker runs."""
    queued = enqueue({})

    assert queued.eta is None


def test_a_delay_of_zero_is_ready_to_run() -> None:
    """Zero seconds from now has come when the worker looks."""
    queued = enqueue({"delay": 0, "retries": 9})

    assert queued_tasks.huey.ready_to_run(queued)
    assert queued.retries == 9


def test_delay_and_eta_together_are_refused_by_huey() -> None:
    """Two answers to one question; Huey's own error says so."""
    with pytest.raises(ValueError, match="either an eta"):
        enqueue({"delay": 60, "eta": datetime(2099, 1, 1, tzinfo=UTC)})

    assert queued_tasks.huey.pending() == []


def test_an_unknown_option_is_refused_with_the_task_and_the_known_ones() -> None:
    """Celery's `countdown` would otherwise be lost, or reach the task."""
    with pytest.raises(HueyOptionError) as caught:
        enqueue({"countdown": 60})

    message = str(caught.value)
    assert "queued_tasks:notify" in message
    assert "'countdown'" in message
    known = message.partition("It knows: ")[2].partition(". ")[0].split(", ")
    assert {"delay", "eta", "expires", "id", "priority", "retries"} <= {*known}
    assert known == sorted(known)
    assert queued_tasks.huey.pending() == []


@pytest.mark.parametrize("option", ["args", "kwargs", "self", "on_complete", 7])
def test_what_only_looks_like_an_option_is_refused(option: object) -> None:
    """Parameters of Huey's methods that would replace the task's arguments."""
    with pytest.raises(HueyOptionError):
        enqueue({option: 1})  # type: ignore[dict-item]


def test_an_unknown_option_is_a_type_error_of_airlock() -> None:
    """Like a wrong keyword argument, and caught with all else of airlock's."""
    assert issubclass(HueyOptionError, TypeError)
    assert issubclass(HueyOptionError, airlock.AirlockError)


def test_the_error_survives_pickling() -> None:
    """Test runners and process pools send exceptions to another process."""
    error = HueyOptionError("shop:notify", "countdown", ("delay", "eta"))

    copied = pickle.loads(pickle.dumps(error))

    assert str(copied) == str(error)


@pytest.mark.skipif(not HUEY_HAS_TIMEOUTS, reason="this Huey has no timeouts")
@pytest.mark.parametrize("option", ["timeout", "retry_backoff"])
def test_options_of_newer_hueys_are_known_where_they_exist(option: str) -> None:
    """The installed Huey decides, not a list in the executor."""
    queued = enqueue({option: 4})

    assert getattr(queued, option) == 4


@pytest.mark.skipif(HUEY_HAS_TIMEOUTS, reason="this Huey has timeouts")
@pytest.mark.parametrize("option", ["timeout", "retry_backoff"])
def test_options_of_newer_hueys_are_refused_by_older_ones(option: str) -> None:
    """A timeout that nobody enforces is worse than an error."""
    with pytest.raises(HueyOptionError, match=option):
        enqueue({option: 4})


def test_the_mapping_of_options_is_left_as_it_was() -> None:
    """One mapping commonly serves many enqueues."""
    options = {"delay": 60, "retries": 1}

    enqueue(options)

    assert options == {"delay": 60, "retries": 1}
