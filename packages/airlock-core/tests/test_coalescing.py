"""`CoalescingScope`: equal effects leave once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from recording import Recorder, record

import airlock
from airlock import CoalescingScope

if TYPE_CHECKING:
    from collections.abc import Callable


def sent(
    *arguments: tuple[Any, ...], _cls: Callable[..., Any] = CoalescingScope
) -> list[tuple[Any, ...]]:
    """Enqueue one effect per tuple of arguments; return those that left."""
    executor = Recorder()
    with airlock.scope(executor=executor, _cls=_cls):
        for args in arguments:
            airlock.enqueue(record, *args)
    return [intent.args for intent in executor.intents]


def test_equal_effects_leave_once() -> None:
    """A loop that saves one row ten times reindexes it once."""
    assert sent((1,), (2,), (1,), (1,)) == [(1,), (2,)]


def test_the_last_occurrence_may_be_kept() -> None:
    """In the place of the last, for effects that must come after all others."""
    keep_last = partial(CoalescingScope, keep="last")

    assert sent((1,), (2,), (1,), (3,), _cls=keep_last) == [(2,), (1,), (3,)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1, True),
        (1, 1.0),
        ("1", 1),
        ([1], (1,)),
        ({1}, frozenset({1})),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, [("a", 1)]),
        (None, False),
        (object(), object()),
    ],
)
def test_different_effects_are_not_confused(first: object, second: object) -> None:
    """Losing one would be worse than sending two."""
    assert len(sent((first,), (second,))) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([1, [2]], [1, [2]]),
        ({"a": [1], "b": 2}, {"b": 2, "a": [1]}),
        ({1, 2}, {2, 1}),
        (frozenset({1}), frozenset({1})),
        ("text", "text"),
    ],
)
def test_arguments_are_compared_by_value(first: object, second: object) -> None:
    """Lists and dictionaries too, though they cannot be hashed."""
    assert len(sent((first,), (second,))) == 1


def test_objects_without_equality_are_compared_by_identity() -> None:
    """Unhashable, and still the same object."""

    class Row:
        __hash__ = None  # type: ignore[assignment]

        def __eq__(self, other: object) -> bool:
            raise TypeError

    row = Row()

    assert len(sent((row,), (row,), (Row(),))) == 2


def test_keywords_options_and_tasks_count_too(executor: Recorder) -> None:
    """Same arguments to another queue are another effect."""
    with airlock.scope(executor=executor, _cls=CoalescingScope):
        airlock.enqueue(record, 1)
        airlock.enqueue(record, value=1)
        airlock.enqueue(print, 1)
        airlock.enqueue(record, 1, _dispatch_options={"queue": "low"})
        airlock.enqueue(record, 1, _dispatch_options={"queue": "low"})

    assert len(executor.intents) == 4


def test_an_own_key_decides_alone() -> None:
    """Here: one effect per task, whatever its arguments."""
    by_task = partial(CoalescingScope, key=lambda intent: intent.name)

    assert sent((1,), (2,), _cls=by_task) == [(1,)]


def test_the_account_tells_what_was_coalesced(executor: Recorder) -> None:
    """The buffer keeps all, and flush returns what left."""
    s = CoalescingScope(executor=executor).enter()
    airlock.enqueue(record, 1)
    airlock.enqueue(record, 1)
    s.exit()

    assert s.flush() == s.intents[:1]
    assert [fate.outcome.value for fate in s.report().fates] == [
        "dispatched",
        "coalesced",
    ]
    assert s.report().fates[1].reason == "the first of its kind stands for it"


def test_blocked_effects_do_not_stand_for_allowed_ones() -> None:
    """Coalescing comes after the policies: the allowed repetition leaves."""
    executor = Recorder()
    with airlock.scope(executor=executor, _cls=CoalescingScope):
        with airlock.policy(airlock.DropAll()):
            airlock.enqueue(record, 1)
        airlock.enqueue(record, 1)

    assert executor.values == [1]


def test_an_own_key_must_be_usable() -> None:
    """The error names the key, and not only that a list cannot be hashed."""
    unlike: Any = [1]
    unusable = partial(CoalescingScope, key=lambda _: unlike)

    told = r"key=\.\.\.\) for recording:record got \[1\]"
    with pytest.raises(airlock.ArgumentError, match=told):
        sent((1,), _cls=unusable)


def test_odd_arguments_do_not_cost_the_others() -> None:
    """What cannot be compared is like nothing else, and leaves."""
    recursive: list[object] = []
    recursive.append(recursive)

    assert len(sent((0,), (memoryview(bytearray(b"x")),), (recursive,), (2,))) == 4


def test_effects_of_another_executor_are_others(executor: Recorder) -> None:
    """A test executor's effect must not stand for the real one."""

    class Both(airlock.CapturingScope, CoalescingScope):
        pass

    real = Recorder()
    with airlock.scope(_cls=Both, executor=real):
        with airlock.scope(executor=executor):
            airlock.enqueue(record, 1)
        airlock.enqueue(record, 1)

    assert (real.values, executor.values) == ([1], [1])


def test_what_cannot_be_compared_is_like_no_other() -> None:
    """An argument's `==` may raise, and its effect must still leave."""

    class Prickly:
        def __hash__(self) -> int:
            return 1

        def __eq__(self, other: object) -> bool:
            raise ValueError("ambiguous")

    one, other = Prickly(), Prickly()

    assert sent((one,), (other,), (1,), (1,), (one,)) == [(one,), (other,), (1,)]


def test_a_boundary_outside_does_not_undo_coalescing(executor: Recorder) -> None:
    """Once stays once, whoever captures."""
    with (
        airlock.scope(executor=executor, _cls=airlock.CapturingScope),
        airlock.scope(executor=executor, _cls=CoalescingScope),
    ):
        airlock.enqueue(record, 1)
        airlock.enqueue(record, 1)

    assert executor.values == [1]


def test_an_unknown_occurrence_is_refused() -> None:
    """A typo must not choose silently."""
    with pytest.raises(airlock.ArgumentError, match="'first' or 'last'"):
        CoalescingScope(keep="lats")  # type: ignore[arg-type]
