"""A batch whose answer does not come, or is an error."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from real_queue import calls, flushed
from redis.exceptions import RedisError
from rq_page import needs_page, queue_of_the_page
from rq_wire import Wire, wire_to

from airlock.integrations.executors.rq import RqBatchError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rq import Queue

pytestmark = pytest.mark.service("redis")


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Put a wire before Redis."""
    with wire_to(6379) as made:
        yield made


@needs_page
@pytest.mark.parametrize("how", ["cut", "hang"])
def test_a_batch_that_redis_does_not_confirm_is_in_doubt(
    queue: Queue, wire: Wire, how: str
) -> None:
    """None of it counts as dispatched, and the error says how many and what to do."""
    behind = queue_of_the_page(queue.name, wire.port)

    class Breaking:
        """Break the wire when it is pickled, which is before the batch is sent."""

        def __reduce__(self) -> Any:
            getattr(wire, how)()
            return str, ("breaking",)

    scope = flushed(behind, 1, 2, Breaking(), 4)

    with pytest.raises(RqBatchError) as caught:
        scope.flush()

    behind.connection.close()
    assert isinstance(caught.value, RedisError)
    assert "a batch of 3 jobs" in str(caught.value)
    assert "queued_functions:notify" in str(caught.value)
    assert "may have arrived" in str(caught.value)
    assert len(scope.dispatched) == 1
    assert calls(queue) == [(1,)]


def test_the_error_survives_pickling() -> None:
    """Test runners and process pools send exceptions to another process."""
    error = RqBatchError("shop:notify", 200, "timed out")

    copied = pickle.loads(pickle.dumps(error))

    assert str(copied) == str(error)
