"""The effect that an assertion looks for, among those that were enqueued."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from airlock import AllowTasks, ArgumentError, Intent
from airlock._intent import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Sought", "intents_of", "listing"]

_LONGEST_LINE = 200
_MOST_LINES = 10


def intents_of(place: str, source: object) -> list[Intent]:
    """Return the intents of a scope, of an executor or of a list.

    Raises:
        ArgumentError: If there are none to be had.
    """
    found = getattr(source, "intents", source)
    listed: list[Any] = list(found) if isinstance(found, Iterable) else [None]
    if all(isinstance(intent, Intent) for intent in listed):
        return listed
    raise ArgumentError(
        place,
        f"{source!r} to look into",
        "first a scope, a RecordingExecutor or a list of intents, then the task",
    )


class Sought:
    """A task, and the arguments and options of which something was said.

    Args:
        place: The function that was called, for its error.
        task: The task itself, or its name.
        args: Its positional arguments.
        kwargs: Its keyword arguments, and `_origin` and `_dispatch_options`.

    Raises:
        ArgumentError: If `task` is neither.
    """

    def __init__(
        self, place: str, task: object, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> None:
        try:
            self._tasks = AllowTasks([task])
        except ArgumentError:
            expected = "the task itself, or its name"
            raise ArgumentError(place, f"{task!r} as the task", expected) from None
        given = dict(kwargs)
        self._origin = given.pop("_origin", None)
        self._options = given.pop("_dispatch_options", None)
        named: Any = SimpleNamespace(name=task) if isinstance(task, str) else task
        self._intent = Intent(named, args, given, self._origin, self._options)

    def matches(self, intent: Intent) -> bool:
        """Say whether this is the task, with what was said of it."""
        wanted = self._intent
        if not self.is_task_of(intent):
            return False
        if (wanted.args or wanted.kwargs) and not (
            _equal(intent.args, wanted.args) and _equal(intent.kwargs, wanted.kwargs)
        ):
            return False
        if self._origin is not None and intent.origin != self._origin:
            return False
        options = intent.dispatch_options or {}
        return self._options is None or _equal(options, self._options)

    def is_task_of(self, intent: Intent) -> bool:
        """Say whether this is the task, whatever its arguments."""
        return self._tasks.allows(intent)

    def closest_first(self, intents: Sequence[Intent]) -> list[int]:
        """Return the positions of the intents, those most like this one first."""

        def distance(position: int) -> tuple[bool, float]:
            intent = intents[position]
            calls = _cut(shown(self._intent)), _cut(shown(intent))
            likeness = SequenceMatcher(None, *calls, autojunk=False).ratio()
            return not self.is_task_of(intent), -likeness

        return sorted(range(len(intents)), key=distance)

    def __str__(self) -> str:
        """Show the call, or the name alone if any arguments will do."""
        wanted = self._intent
        has_arguments = wanted.args or wanted.kwargs
        return _line(wanted) if has_arguments else wanted.name + _extras(wanted)


def listing(intents: Sequence[Intent], order: Iterable[int]) -> str:
    """Return one line to an intent, each with its position among all."""
    positions = list(order)
    lines = []
    for position in positions[:_MOST_LINES]:
        intent = intents[position]
        where = f" (at {intent.call_site})" if intent.call_site else ""
        lines.append(f"\n  {position + 1}. {_line(intent)}{where}")
    if len(positions) > _MOST_LINES:
        lines.append(f"\n  and {len(positions) - _MOST_LINES} more")
    return "".join(lines)


def _equal(found: object, wanted: object) -> bool:
    try:
        return bool(found == wanted)
    except Exception:  # noqa: BLE001 - whether two arrays are equal has many answers
        # Containers ask for identity first: such a value has proved to be another.
        return False


def _line(intent: Intent) -> str:
    return _cut(shown(intent) + _extras(intent))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 3] + "..."


def _extras(intent: Intent) -> str:
    said = {"_origin": intent.origin, "_dispatch_options": intent.dispatch_options}
    return "".join(f" {key}={value!r}" for key, value in said.items() if value)
