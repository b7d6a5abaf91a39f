"""What tests of effects are made of: a test double, assertions, and a contract."""

from airlock.testing._assertion import (
    assert_enqueued,
    assert_not_enqueued,
    assert_nothing_enqueued,
    enqueued,
)
from airlock.testing._contract import ExecutorContract
from airlock.testing._recording import AsyncRecordingExecutor, RecordingExecutor

__all__ = [
    "AsyncRecordingExecutor",
    "ExecutorContract",
    "RecordingExecutor",
    "assert_enqueued",
    "assert_not_enqueued",
    "assert_nothing_enqueued",
    "enqueued",
]
