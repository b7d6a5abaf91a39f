"""Messages that already have their arguments: `task.s()`, pipelines, groups, chords."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import huey
import pytest
import queued_tasks
from huey import MemoryHuey
from queued_tasks import insist, notify, ran, run_all

import airlock
from airlock import NotATaskError

needs_groups = pytest.mark.skipif(
    not hasattr(huey, "group"), reason="this Huey has neither groups nor chords"
)


def enqueue(message: Any) -> None:
    """Enqueue one message, as it is."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(message)


def test_a_message_is_queued_with_its_own_arguments_and_options() -> None:
    """It was made complete; nothing of it may change on the way."""
    message = notify.s("ada", subject="hello", retries=4)

    enqueue(message)

    [queued] = queued_tasks.huey.pending()
    assert queued.id == message.id
    assert (queued.args, queued.kwargs) == (("ada",), {"subject": "hello"})
    assert queued.retries == 4


def test_a_message_waits_for_the_end_of_the_scope() -> None:
    """A message is an effect like any other."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(notify.s("ada"))

        assert queued_tasks.huey.pending() == []


def test_a_pipeline_is_queued_whole() -> None:
    """Its second step starts when the first is done, with what it returned."""
    enqueue(insist.s("ada").then(notify, subject="hello"))

    assert queued_tasks.huey.pending_count() == 1
    run_all()
    assert ran == ["ada", (("insisted on ada",), {"subject": "hello"})]


@needs_groups
def test_a_group_is_queued_in_order() -> None:
    """Groups inside groups are flattened, as Huey does."""
    inner = huey.group([notify.s(2), notify.s(3)])

    enqueue(huey.group([notify.s(1), inner, notify.s(4)]))
    run_all()

    assert [args for args, _ in ran] == [(1,), (2,), (3,), (4,)]


@needs_groups
def test_an_empty_group_is_no_error() -> None:
    """Nobody had to be notified this time; Huey accepts it too."""
    enqueue(huey.group([]))

    assert queued_tasks.huey.pending() == []


@needs_groups
def test_a_chord_calls_back_with_all_results() -> None:
    """The callback is part of the same effect."""
    enqueue(huey.group([insist.s("ada"), insist.s("bob")]).then(notify))
    run_all()

    expected = (["insisted on ada", "insisted on bob"],)
    assert ran == ["ada", "bob", (expected, {})]


@needs_groups
def test_an_empty_chord_calls_back_all_the_same() -> None:
    """As Huey has it: all of nothing is done."""
    enqueue(huey.chord([], notify.s()))
    run_all()

    assert ran == [(([],), {})]


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((2,), {}),
        ((), {"subject": "hello"}),
        ((), {"_dispatch_options": {"delay": 60}}),
    ],
)
def test_a_message_takes_nothing_beside_it(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """Huey has no place for it, so it would be lost without a word."""
    with pytest.raises(NotATaskError, match="notify") as caught:  # noqa: SIM117
        with airlock.scope(executor="huey"):
            airlock.enqueue(notify.s(1), *args, **kwargs)

    assert "alone" in str(caught.value)
    assert queued_tasks.huey.pending() == []


def test_empty_options_beside_a_message_are_no_options() -> None:
    """Generic code may pass a mapping always."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(notify.s(1), _dispatch_options={})

    assert queued_tasks.huey.pending_count() == 1


def test_a_message_whose_huey_nothing_tells_is_an_error_with_a_way_out() -> None:
    """A message does not know its Huey; the module of its task usually does."""
    hidden = queued_tasks.huey.task(name="hidden")(lambda: None)

    with pytest.raises(NotATaskError, match="test_message:hidden") as caught:
        enqueue(hidden.s())

    assert "enqueue(huey.enqueue, message)" in str(caught.value)
    hidden.unregister()


def test_a_message_whose_module_is_gone_is_the_same_error() -> None:
    """Code that was run from text has no module at all."""
    function: Any = lambda: None  # noqa: E731 - its module is overwritten
    function.__module__ = "nowhere"
    hidden = queued_tasks.huey.task(name="hidden")(function)

    with pytest.raises(NotATaskError, match="nowhere:hidden"):
        enqueue(hidden.s())

    hidden.unregister()


@needs_groups
def test_a_group_is_refused_whole() -> None:
    """Half a group would be queued again when somebody tries again."""
    hidden = queued_tasks.huey.task(name="hidden")(lambda: None)

    with pytest.raises(NotATaskError):
        enqueue(huey.group([notify.s(1), hidden.s()]))

    assert queued_tasks.huey.pending() == []
    hidden.unregister()


def test_naming_the_huey_dispatches_any_message() -> None:
    """The way out that the error names."""
    hidden = queued_tasks.huey.task(name="hidden")(lambda: ran.append("hidden"))

    with airlock.scope(executor="huey"):
        airlock.enqueue(queued_tasks.huey.enqueue, hidden.s())

        assert queued_tasks.huey.pending() == []
    run_all()

    assert ran == ["hidden"]
    hidden.unregister()


def test_looking_for_the_huey_wakes_no_lazy_object(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Proxies for the request or the settings raise when touched too early."""

    class Lazy:
        @property  # type: ignore[misc]
        def __class__(self) -> Any:
            raise RuntimeError("touched")

    other = MemoryHuey("lazy")
    function: Any = lambda: None  # noqa: E731 - its module is overwritten
    function.__module__ = "lazy_module"
    module: Any = ModuleType("lazy_module")
    module.lazy = Lazy()
    module.task = other.task(name="task")(function)
    monkeypatch.setitem(sys.modules, "lazy_module", module)

    enqueue(module.task.s())

    assert other.pending_count() == 1
