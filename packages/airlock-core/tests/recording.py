"""What the core tests share: tasks that record their runs, and policies."""

from __future__ import annotations

import airlock

ran: list[object] = []


def record(value: object = None, **named: object) -> None:
    """Remember that the effect happened."""
    ran.append((value, named) if named else value)


class Recorder:
    """An executor that keeps what it is given."""

    def __init__(self) -> None:
        self.intents: list[airlock.Intent] = []

    def __call__(self, intent: airlock.Intent) -> None:
        self.intents.append(intent)

    @property
    def names(self) -> list[str]:
        """The bare names of the dispatched tasks, in order."""
        return [intent.name.rpartition(":")[2] for intent in self.intents]

    @property
    def values(self) -> list[object]:
        """The first argument of each dispatched intent, in order."""
        return [intent.args[0] for intent in self.intents]


class Journal(airlock.Policy):
    """A policy that notes each call of its hooks."""

    def __init__(self, label: str, notes: list[str], *, allow: bool = True) -> None:
        self._label = label
        self._notes = notes
        self._allow = allow

    def on_enqueue(self, intent: airlock.Intent) -> None:
        """Note the call."""
        del intent
        self._notes.append(f"{self._label}.on_enqueue")

    def allows(self, intent: airlock.Intent) -> bool:
        """Note the call and answer as told."""
        del intent
        self._notes.append(f"{self._label}.allows")
        return self._allow
