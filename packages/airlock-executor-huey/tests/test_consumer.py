"""A real consumer process does what left the scope, and nothing else."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
import uuid
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import huey
import pytest

import airlock

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
DEADLINE = 60
MARKER = "caught up"
OPTION_NAMES = ("id", "eta", "delay", "retries", "retry_delay", "priority", "timeout")


class Consumer:
    """One worker in a process of its own, and the tasks that reach it."""

    def __init__(self, folder: Path) -> None:
        self.app: Any = importlib.import_module("consumer_app")
        self._journal = folder / "journal"
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, HERE / "consumer_process.py"),
                    *("consumer_app.huey", "--workers=1", "--max-delay=0.1"),
                ],
                env={**os.environ, "PYTHONPATH": str(HERE)},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    @property
    def effects(self) -> list[list[Any]]:
        """What the tasks wrote so far, in order, without our own markers."""
        return [line for line in self._lines() if line[0] != MARKER]

    def _lines(self) -> list[list[Any]]:
        if not self._journal.exists():
            return []
        # The last line may be half written.
        lines = self._journal.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def wait_for(self, *values: Any, times: int = 1) -> None:
        """Wait until a task has written these values."""
        deadline = time.monotonic() + DEADLINE
        while self._lines().count([*values]) < times:
            if time.monotonic() > deadline or self._process.poll() is not None:
                pytest.fail(
                    f"waited for {values}, got {self._lines()}; the consumer's log:\n"
                    f"{self._log.read_text()}"
                )
            time.sleep(0.02)

    def catch_up(self) -> None:
        """Wait until all that is queued so far was taken: there is one worker."""
        number = uuid.uuid4().hex
        self.app.note(MARKER, number)
        self.wait_for(MARKER, number)

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        try:
            self._process.wait(timeout=DEADLINE)
        finally:
            self._process.kill()
            self.let_go()

    def let_go(self) -> None:
        """Close what the kernel closes when the tests are killed."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def wait_for_its_end(self) -> None:
        """Wait until the process has ended by itself."""
        self._process.wait(timeout=DEADLINE)


@pytest.fixture(
    params=["SqliteHuey", pytest.param("RedisHuey", marks=pytest.mark.service("redis"))]
)
def consumer(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Consumer]:
    """Start a consumer on a queue that nobody else uses."""
    arguments: dict[str, Any] = {"filename": str(tmp_path / "huey.db")}
    if request.param == "RedisHuey":
        pytest.importorskip("redis", reason="RedisHuey needs redis-py")
        # As docs/how-to/huey.md has it: a worker must live with these, too.
        arguments = {
            "host": "127.0.0.1",
            "socket_connect_timeout": 1,
            "socket_timeout": 2,
        }
    arguments["name"] = f"airlock-{uuid.uuid4().hex}"
    monkeypatch.setenv("HUEY_CLASS", request.param)
    monkeypatch.setenv("HUEY_ARGUMENTS", json.dumps(arguments))
    monkeypatch.setenv("HUEY_JOURNAL", str(tmp_path / "journal"))
    monkeypatch.delitem(sys.modules, "consumer_app", raising=False)
    # Last in, first out, and each of them whatever becomes of the others.
    with ExitStack() as afterwards:
        consumer = Consumer(tmp_path)
        afterwards.callback(monkeypatch.delitem, sys.modules, "consumer_app")
        storage = consumer.app.huey.storage
        is_file = request.param == "SqliteHuey"
        afterwards.callback(storage.close if is_file else storage.pool.disconnect)
        afterwards.callback(storage.flush_all)
        afterwards.callback(consumer.stop)
        yield consumer


def test_nothing_runs_before_the_scope_ends(consumer: Consumer) -> None:
    """The worker is up and idle, and still must not see the effect."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(consumer.app.note, "effect")
        consumer.catch_up()

        assert consumer.effects == []

    consumer.wait_for("effect")


def test_a_discarded_scope_runs_nothing(consumer: Consumer) -> None:
    """A failed operation must not mail anyone, now or later."""
    with pytest.raises(ValueError, match="boom"), airlock.scope(executor="huey"):
        airlock.enqueue(consumer.app.note, "effect")
        raise ValueError("boom")

    consumer.catch_up()
    assert consumer.effects == []


def test_effects_run_in_the_order_of_their_enqueues(consumer: Consumer) -> None:
    """With one worker, what was written first is done first."""
    with airlock.scope(executor="huey"):
        for number in range(20):
            airlock.enqueue(consumer.app.note, number)

    consumer.wait_for(19)
    assert consumer.effects == [[number] for number in range(20)]


def test_arguments_named_like_options_arrive(consumer: Consumer) -> None:
    """In the task itself, on the other side of the queue."""
    kwargs = dict.fromkeys(OPTION_NAMES, 7)

    with airlock.scope(executor="huey"):
        airlock.enqueue(consumer.app.note, "ada", **kwargs)

    consumer.wait_for("ada", kwargs)


def test_a_chosen_id_finds_the_result(consumer: Consumer) -> None:
    """The caller sees no result object; an id of its own is the way to one."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(consumer.app.note, 7, _dispatch_options={"id": "my-own"})

    consumer.wait_for(7)
    result = consumer.app.huey.result("my-own", blocking=True, timeout=DEADLINE)
    assert result == 7


def test_a_delayed_effect_waits_in_the_schedule(consumer: Consumer) -> None:
    """The worker has taken it from the queue, and put it aside."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(consumer.app.note, "late", _dispatch_options={"delay": 3600})
        airlock.enqueue(consumer.app.note, "now")

    consumer.wait_for("now")
    [scheduled] = consumer.app.huey.scheduled()
    assert scheduled.args == ("late",)
    assert consumer.effects == [["now"]]


@pytest.mark.parametrize(
    "options", [{"delay": 1}, {"eta": datetime(2001, 1, 1, tzinfo=UTC)}]
)
def test_a_delayed_effect_runs_when_its_time_has_come(
    consumer: Consumer, options: dict[str, Any]
) -> None:
    """The clock it was converted to is the one the worker reads."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(consumer.app.note, "due", _dispatch_options=options)

    consumer.wait_for("due")


def test_retries_given_as_an_option_are_made(consumer: Consumer) -> None:
    """Two retries are three attempts, though the task declares none."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(consumer.app.fail, _dispatch_options={"retries": 2})

    consumer.wait_for("attempt", times=3)
    consumer.catch_up()
    # Only now would a fourth attempt, queued after the third, be before a marker.
    consumer.catch_up()
    assert consumer.effects == [["attempt"]] * 3


def test_a_pipeline_runs_step_by_step(consumer: Consumer) -> None:
    """The second step receives what the first returned."""
    with airlock.scope(executor="huey"):
        airlock.enqueue(consumer.app.note.s("first").then(consumer.app.note, "second"))

    consumer.wait_for("second", "first")
    assert consumer.effects == [["first"], ["second", "first"]]


@pytest.mark.skipif(not hasattr(huey, "group"), reason="this Huey has no groups")
def test_a_group_and_its_callback_run(consumer: Consumer) -> None:
    """A chord crosses the queue as one effect."""
    note = consumer.app.note

    with airlock.scope(executor="huey"):
        airlock.enqueue(huey.group([note.s(1), note.s(2)]).then(note))

    consumer.wait_for([1, 2])
    assert consumer.effects == [[1], [2], [[1, 2]]]


def test_a_consumer_does_not_outlive_the_tests(consumer: Consumer) -> None:
    """Killed tests clean nothing up, and it would take what the next ones queue."""
    consumer.catch_up()

    consumer.let_go()

    consumer.wait_for_its_end()
