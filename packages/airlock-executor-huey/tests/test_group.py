"""Groups and chords are refused whole, and where they are made."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import huey
import pytest
import queued_tasks
from huey import MemoryHuey
from queued_tasks import insist, invoice, notify, ran

import airlock
from airlock import ArgumentError, NotATaskError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(
    not hasattr(huey, "group"), reason="this Huey has neither groups nor chords"
)

LOCK = threading.Lock()


def nested() -> Any:
    """Have a chord whose member is a chord that cannot be carried."""
    inner = huey.chord([notify.s(2)], notify.s(LOCK))
    return huey.group([notify.s(1), huey.chord([notify.s(3), inner], notify.s())])


def pending(made: Any, *, verify: bool) -> tuple[Exception | None, int]:
    """Enqueue it; return the error, and how many messages are in the queue."""
    error = None
    try:
        with airlock.scope(executor="huey", verify=verify):
            airlock.enqueue(made)
    except Exception as caught:  # noqa: BLE001 - each test says which it must be
        error = caught
    return error, queued_tasks.huey.pending_count()


either_time = pytest.mark.parametrize("verify", [True, False])


@either_time
@pytest.mark.parametrize(
    "make",
    [
        lambda: huey.group([notify.s(1), notify.s(LOCK), notify.s(3)]),
        lambda: huey.group([notify.s(1), huey.group([notify.s(LOCK)])]),
        lambda: huey.group([notify.s(1), notify.s(2).then(notify, LOCK)]),
        lambda: huey.chord([notify.s(1), notify.s(LOCK)], notify.s()),
        lambda: huey.chord([notify.s(1), notify.s(2)], notify.s(LOCK)),
        nested,
    ],
)
def test_an_argument_that_cannot_be_serialised_keeps_all_back(
    make: Callable[[], Any], *, verify: bool
) -> None:
    """Half a group counts as not dispatched, and would be sent again."""
    error, left = pending(make(), verify=verify)

    assert left == 0
    assert isinstance(error, ArgumentError)
    assert "enqueue(huey.api:" in str(error)
    assert "a message of queued_tasks:notify: cannot pickle" in str(error)


@either_time
@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"priority": "high"}, "priority='high'"),
        ({"expires": "soon"}, "expires='soon'"),
        ({"retries": "3"}, "retries='3'"),
    ],
)
def test_an_option_that_huey_cannot_use_keeps_all_back(
    options: dict[str, Any], told: str, *, verify: bool
) -> None:
    """Huey would find it out after the first message has left."""
    made = huey.group([notify.s(1), notify.s(2, **options)])

    error, left = pending(made, verify=verify)

    assert left == 0
    assert isinstance(error, ArgumentError)
    assert told in str(error)


@either_time
def test_a_priority_that_the_storage_has_not_keeps_all_back(*, verify: bool) -> None:
    """`RedisHuey` has none, and the first message would have left before."""
    pytest.importorskip("redis", reason="RedisHuey needs redis-py")
    from unconnected_tasks import send

    made = huey.group([notify.s(1), send.s(priority=1)])

    error, left = pending(made, verify=verify)

    assert left == 0
    assert "PriorityRedisHuey" in str(error)


@either_time
@pytest.mark.parametrize("member", [5, notify, None])
@pytest.mark.parametrize(
    "make",
    [
        lambda members: huey.group([*members]),
        lambda members: huey.chord(members, notify.s()),
    ],
)
def test_what_is_no_message_keeps_all_back(
    make: Callable[[list[Any]], Any], member: object, *, verify: bool
) -> None:
    """A task itself is none yet: it has no arguments."""
    error, left = pending(make([notify.s(1), member]), verify=verify)

    assert left == 0
    assert isinstance(error, NotATaskError)
    assert repr(member) in str(error)
    assert "task.s(1)" in str(error)


@either_time
def test_a_group_inside_a_chord_keeps_all_back(*, verify: bool) -> None:
    """Huey refuses it, after what stands before it has left."""
    made = huey.chord([notify.s(1), huey.group([notify.s(2)])], notify.s())

    error, left = pending(made, verify=verify)

    assert left == 0
    assert isinstance(error, NotATaskError)
    assert "chord" in str(error)


@either_time
def test_a_chord_of_a_generator_keeps_all_back(*, verify: bool) -> None:
    """Huey must count the members first, and cannot."""
    chord = huey.chord((notify.s(number) for number in range(2)), notify.s())

    error, left = pending(huey.group([notify.s(1), chord]), verify=verify)

    assert left == 0
    assert isinstance(error, NotATaskError)
    assert "a list" in str(error)


@either_time
def test_a_task_that_its_huey_has_forgotten_keeps_all_back(*, verify: bool) -> None:
    """No worker of it could find the task."""
    other = MemoryHuey("forgetful")
    strange = other.task()(lambda: None)

    error, left = pending(
        huey.group([notify.s(1), notify.s(2).then(strange)]), verify=verify
    )

    assert left == 0
    assert isinstance(error, NotATaskError)
    assert "queued_tasks:notify" in str(error)


@either_time
@pytest.mark.parametrize(
    "wrap", [lambda group: group, lambda group: huey.group([notify.s(0), group])]
)
def test_a_group_that_can_be_read_only_once_is_refused(
    wrap: Callable[[Any], Any], *, verify: bool
) -> None:
    """A second try would find it empty, and count it as dispatched."""
    members: Iterator[Any] = (notify.s(value) for value in (1, LOCK))

    error, left = pending(wrap(huey.group(members)), verify=verify)

    assert left == 0
    assert isinstance(error, NotATaskError)
    assert repr(members) in str(error)
    assert "Give them as a list" in str(error)
    assert len(list(members)) == 2


def test_a_group_that_failed_can_be_tried_again() -> None:
    """All of it is still there."""
    made = huey.group([notify.s(1), notify.s(LOCK), notify.s(3)])
    with pytest.raises(ArgumentError), airlock.scope(executor="huey") as scope:
        airlock.enqueue(made)
    made.tasks[1] = notify.s(2)

    [intent] = scope.undispatched
    error, left = pending(intent.task, verify=False)

    assert error is None
    assert left == 3


@pytest.mark.parametrize(
    "members", [(notify.s(1), notify.s(2)), {1: notify.s(1), 2: notify.s(2)}.values()]
)
def test_what_can_be_read_again_need_not_be_a_list(members: Any) -> None:
    """Huey takes whatever has members."""
    assert pending(huey.group(members), verify=True) == (None, 2)


@pytest.mark.parametrize(
    "make",
    [
        lambda: huey.group([notify.s(1), invoice.s(17, priority=3, expires=60)]),
        lambda: huey.chord([notify.s(1), invoice.s(17)], notify.s()),
        lambda: huey.chord(
            [huey.chord([notify.s(1)], insist.s()), notify.s(2)], notify
        ),
    ],
)
def test_what_can_be_queued_passes_both(make: Callable[[], Any]) -> None:
    """The check changes nothing in the messages, and sends nothing."""
    error, left = pending(make(), verify=True)

    assert error is None
    assert left == 2


def test_immediate_mode_runs_what_need_not_be_serialised() -> None:
    """Nothing is put into a queue there."""
    queued_tasks.huey.immediate = True
    try:
        error, _ = pending(huey.group([notify.s(1), notify.s(LOCK)]), verify=False)
    finally:
        queued_tasks.huey.immediate = False

    assert error is None
    assert ran == [((1,), {}), ((LOCK,), {})]
