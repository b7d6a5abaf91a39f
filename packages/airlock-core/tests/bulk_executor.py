"""An executor that takes many intents at once, and a scope full of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recording import record

import airlock
from airlock import Scope

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from airlock import Intent

__all__ = ["Bulk", "filled"]


class Bulk:
    """Dispatches two at a time; a part with the `broken` value never arrives."""

    def __init__(self, broken: object = None) -> None:
        self.parts: list[list[object]] = []
        self._broken = broken

    def __call__(self, intent: Intent) -> None:
        self._send([intent])

    def dispatch_many(self, intents: Sequence[Intent]) -> Generator[int, None, None]:
        for start in range(0, len(intents), 2):
            part = intents[start : start + 2]
            self._send(part)
            yield len(part)

    def _send(self, part: Sequence[Intent]) -> None:
        values = [intent.args[0] for intent in part]
        if self._broken in values:
            raise ConnectionError("broker away")
        self.parts.append(values)


def filled(executor: Any, *values: object) -> Scope:
    """Return a scope that has exited with these effects."""
    scope = Scope(executor=executor).enter()
    for value in values:
        airlock.enqueue(record, value)
    scope.exit()
    return scope
