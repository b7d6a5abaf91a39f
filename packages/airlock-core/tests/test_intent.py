"""What an intent is called, holds and refuses."""

from __future__ import annotations

import copy
import functools
import pickle
from unittest import mock

import pytest
from recording import Journal, record

import airlock
from airlock import Intent


class Order:
    """A domain object with a method as task."""

    def __init__(self) -> None:
        self.name = "order 7"

    def notify(self) -> None:
        """Stand for an effect."""


class QueueTask:
    """A queue's task object: a wrapped function and a name that may be None."""

    def __init__(self, func: object, name: object = None) -> None:
        self.func = func
        self.name = name

    def __call__(self) -> None:
        """Stand for an effect."""


class Hostile:
    """Raises whatever is asked of it."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)

    def __call__(self) -> None:
        """Be callable, at least."""


@functools.wraps(record)
def decorated() -> None:
    """Carry the name of what it wraps."""


@pytest.mark.parametrize(
    ("task", "name"),
    [
        (record, "recording:record"),
        (decorated, "recording:record"),
        (functools.partial(functools.partial(record, 1), 2), "recording:record"),
        (Order().notify, "test_intent:Order.notify"),
        (Order, "test_intent:Order"),
        (len, "builtins:len"),
        ([].append, "builtins:list.append"),
        (lambda: None, "test_intent:<lambda>"),
        (QueueTask(record), "recording:record"),
        (QueueTask(record, "mail.send"), "mail.send"),
        (QueueTask(record, ""), "recording:record"),
        (functools.partial(QueueTask(record, "mail.send")), "mail.send"),
        (QueueTask(functools.partial(decorated)), "recording:record"),
        (object(), "builtins:object"),
    ],
)
def test_every_task_has_a_name(task: object, name: str) -> None:
    """Naming a task in a log or an error must never be what fails."""
    assert Intent(task).name.replace(__name__, "test_intent") == name  # type: ignore[arg-type]


def test_a_task_that_raises_has_a_name() -> None:
    """A broken property of a task must not hide the error being reported."""
    assert Intent(Hostile()).name.endswith("test_intent:Hostile")


def test_a_task_whose_module_has_no_truth_value_has_a_name() -> None:
    """Lazy objects and arrays raise when asked whether they are true."""

    class Lazy:
        def __bool__(self) -> bool:
            raise ValueError("no truth value")

    class Proxy:
        __qualname__ = "proxy"
        __module__ = Lazy()  # type: ignore[assignment]

    assert Intent(Proxy()).name == "builtins:proxy"  # type: ignore[arg-type]


def test_a_task_with_every_attribute_has_a_name() -> None:
    """Tests stand mocks in for tasks; unwrapping one never ends by itself."""
    assert Intent(mock.Mock()).name == "unittest.mock:Mock"


def test_a_task_that_wraps_itself_has_a_name() -> None:
    """Unwrapping ends also where decorators made a circle."""

    def circular() -> None: ...

    circular.__wrapped__ = circular  # type: ignore[attr-defined]

    assert Intent(circular).name.endswith("circular")


@pytest.mark.parametrize("field", ["task", "args", "kwargs", "name", "anything"])
def test_an_intent_refuses_assignment(field: str) -> None:
    """What was enqueued, and judged, is what leaves."""
    intent = Intent(record)

    with pytest.raises(AttributeError, match="Enqueue another one"):
        setattr(intent, field, None)
    with pytest.raises(AttributeError, match="Enqueue another one"):
        delattr(intent, field)


def test_an_intent_has_the_documented_fields() -> None:
    """The table of the specification."""
    policy = airlock.DropAll()
    intent = Intent(record, (1,), {"key": 2}, "origin", {"delay": 3}, (policy,))

    assert intent.task is record
    assert intent.args == (1,)
    assert intent.kwargs == {"key": 2}
    assert intent.origin == "origin"
    assert intent.dispatch_options == {"delay": 3}
    assert intent.local_policies == (policy,)


def test_arguments_are_kept_by_reference() -> None:
    """Documented: an intent is not a snapshot."""
    rows: list[int] = []
    with airlock.scope(airlock.DropAll()) as s:
        airlock.enqueue(record, rows)

    assert s.intents[0].args[0] is rows


def test_an_intent_survives_copy_and_pickle() -> None:
    """Outboxes and test tools do both."""
    intent = Intent(record, (1,), {"key": 2}, "origin", {"delay": 3})

    for twin in (copy.copy(intent), pickle.loads(pickle.dumps(intent))):
        assert twin is not intent
        assert (twin.task, twin.args, twin.kwargs) == (record, (1,), {"key": 2})
        assert (twin.origin, twin.dispatch_options) == ("origin", {"delay": 3})


def test_intents_are_equal_only_to_themselves() -> None:
    """Two equal effects are two effects; either may be a dictionary key."""
    first, second = Intent(record), Intent(record)

    assert first != second
    assert len({first, second}) == 2


def test_the_repr_reads_as_the_call() -> None:
    """It is what people see when they look at the buffer."""
    intent = Intent(record, (1, "two"), {"key": 3})

    assert repr(intent) == "<Intent recording:record(1, 'two', key=3)>"


def test_local_policies_are_asked_innermost_first() -> None:
    """And no further than the first refusal."""
    notes: list[str] = []
    policies = (Journal("outer", notes), Journal("inner", notes, allow=False))

    assert Intent(record, local_policies=policies).passes_local_policies() is False
    assert notes == ["inner.allows"]


def test_an_intent_without_local_policies_passes() -> None:
    """Nobody objects."""
    assert Intent(record).passes_local_policies() is True


def test_an_intent_keeps_all_that_is_told_about_it() -> None:
    """Few have any of it, and they share a place."""
    intent = Intent(
        record, origin="a test", dispatch_options={"countdown": 1}, call_site="x.py:1"
    )

    assert intent.origin == "a test"
    assert intent.dispatch_options == {"countdown": 1}
    assert intent.call_site == "x.py:1"
