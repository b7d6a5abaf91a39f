"""Scopes that do not come to be entered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from recording import Recorder, record

import airlock
from airlock import Scope


@pytest.mark.parametrize("is_async", [False, True])
def test_a_scope_that_fails_to_enter_does_not_stay(*, is_async: bool) -> None:
    """No exit follows, and it would take the effects of all later work."""

    class Failing(airlock.CapturingScope):
        def enter(self) -> Any:
            super().enter()
            raise ConnectionError

    async def main(s: Scope) -> None:
        with pytest.raises(ConnectionError):
            if is_async:
                await s.__aenter__()
            else:
                s.__enter__()
        assert airlock.get_current_scope() is None

    s = Failing()

    asyncio.run(main(s))

    assert s.is_discarded


def test_entering_a_scope_twice_leaves_it_as_it_is(executor: Recorder) -> None:
    """The second attempt fails; the first is still in its block."""
    with airlock.scope(executor=executor) as s:
        with pytest.raises(airlock.ScopeStateError):
            s.__enter__()
        airlock.enqueue(record, 1)

    assert executor.values == [1]
