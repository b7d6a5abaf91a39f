"""Generators of `scoped()` whose clean-up fails when they are closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from recording import Recorder, record

import airlock

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_a_scope_is_told_what_the_clean_up_of_a_closed_generator_raised(
    executor: Recorder,
) -> None:
    """One that takes an early end for success must not send after a failure."""

    class Lenient(airlock.Scope):
        def should_flush(self, error: BaseException | None) -> bool:
            return error is None or isinstance(error, GeneratorExit)

    @airlock.scoped(_cls=Lenient, executor=executor)
    def rows() -> Iterator[int]:
        airlock.enqueue(record, 1)
        try:
            yield 1
        finally:
            raise ValueError("clean-up failed")

    iterator: Any = rows()
    next(iterator)
    with pytest.raises(ValueError, match="clean-up failed"):
        iterator.close()

    assert executor.values == []
