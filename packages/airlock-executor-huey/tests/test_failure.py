"""What has left, and what is in doubt, when the storage fails in the middle."""

# Huey is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import sqlite3
import sys
import uuid
from contextlib import closing
from typing import TYPE_CHECKING, Any

import huey as library
import pytest
from huey import RedisHuey, SqliteHuey
from huey_wire import wire_to

import airlock

if TYPE_CHECKING:
    from pathlib import Path

# The disk is full, as it were, once a message is in the queue.
FULL = """
create trigger full before insert on task when (select count(*) from task) >= 1
begin select raise(abort, 'the disk is full'); end
"""


def note(*args: object) -> None:
    """Be a task, once decorated."""


@pytest.mark.skipif(not hasattr(library, "group"), reason="this Huey has no groups")
def test_some_of_a_group_may_have_left_when_the_storage_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Huey queues its messages one by one, and takes none of them back."""
    file = str(tmp_path / "huey.db")
    huey = SqliteHuey("half", filename=file)
    task = huey.task(name="half")(note)
    monkeypatch.setattr(sys.modules[__name__], "half", task, raising=False)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(FULL)
    scope = airlock.scope(executor="huey")

    with pytest.raises(sqlite3.DatabaseError, match="disk is full"), scope:
        airlock.enqueue(library.group([task.s(1), task.s(2), task.s(3)]))

    left = [message.args for message in huey.pending()]
    huey.storage.close()
    assert left == [(1,)]
    assert scope.dispatched == []
    assert len(scope.undispatched) == 1


@pytest.mark.service("redis")
def test_what_redis_did_not_confirm_may_have_arrived() -> None:
    """It counts as not dispatched: nobody can know."""
    redis = pytest.importorskip("redis", reason="RedisHuey needs redis-py")
    name = f"airlock-{uuid.uuid4().hex}"
    scope = airlock.scope(executor="huey")
    with wire_to(6379, losing_the_answer_to=b"in doubt") as port:
        huey: Any = RedisHuey(name, host="127.0.0.1", port=port)
        task = huey.task()(note)

        with pytest.raises(redis.ConnectionError), scope:
            airlock.enqueue(task, "in doubt")

        huey.storage.pool.disconnect()
    reached = RedisHuey(name, host="127.0.0.1")
    reached.task()(note)
    left = [message.args for message in reached.pending()]
    reached.storage.flush_all()
    reached.storage.pool.disconnect()
    assert scope.dispatched == []
    assert left == [("in doubt",)]
