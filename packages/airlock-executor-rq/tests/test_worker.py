"""A real worker process does what left the scope, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rq_tasks
from real_queue import URL
from rq import Callback, Queue, Retry
from rq.decorators import job

import airlock
from airlock.integrations.executors.rq import RqExecutor

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.service("redis")

HERE = Path(__file__).parent
DEADLINE = 60
MARKER = "caught up"
OPTION_NAMES = ("job_id", "description", "meta", "timeout", "job_timeout", "args")


class Worker:
    """One worker in a process of its own, and the effects that reach it."""

    def __init__(self, queue: Queue, folder: Path) -> None:
        self.executor = RqExecutor(queue)
        self._queue = queue
        self._journal = folder / "journal"
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, HERE / "rq_process.py", "worker"),
                    *(queue.name, f"{queue.name}-other", "--url", URL),
                    *("--name", f"{queue.name}-worker", "--with-scheduler"),
                ],
                env={
                    **os.environ,
                    "PYTHONPATH": str(HERE),
                    "RQ_JOURNAL": str(self._journal),
                },
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    @property
    def effects(self) -> list[list[Any]]:
        """What the functions wrote so far, in order, without our own markers."""
        return [line for line in self._lines() if line[0] != MARKER]

    def _lines(self) -> list[list[Any]]:
        if not self._journal.exists():
            return []
        # The last line may be half written.
        lines = self._journal.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def wait_for(self, *values: Any, times: int = 1) -> None:
        """Wait until a function has written these values."""
        deadline = time.monotonic() + DEADLINE
        while self._lines().count([*values]) < times:
            if time.monotonic() > deadline or self._process.poll() is not None:
                pytest.fail(
                    f"waited for {values}, got {self._lines()}; the worker's log:\n"
                    f"{self._log.read_text()}"
                )
            time.sleep(0.02)

    def catch_up(self) -> None:
        """Wait until all that is queued so far was taken: there is one worker."""
        number = uuid.uuid4().hex
        self._queue.enqueue(rq_tasks.note, MARKER, number)
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


@pytest.fixture
def worker(queue: Queue, tmp_path: Path) -> Iterator[Worker]:
    """Start a worker on a queue that nobody else uses."""
    worker = Worker(queue, tmp_path)
    try:
        yield worker
    finally:
        worker.stop()


def test_nothing_runs_before_the_scope_ends(worker: Worker) -> None:
    """The worker is up and idle, and still must not see the effect."""
    with airlock.scope(executor=worker.executor):
        airlock.enqueue(rq_tasks.note, "effect")
        worker.catch_up()

        assert worker.effects == []

    worker.wait_for("effect")


def test_a_discarded_scope_runs_nothing(worker: Worker) -> None:
    """A failed operation must not mail anyone, now or later."""
    with pytest.raises(ValueError, match="boom"):  # noqa: SIM117
        with airlock.scope(executor=worker.executor):
            airlock.enqueue(rq_tasks.note, "effect")
            raise ValueError("boom")

    worker.catch_up()
    assert worker.effects == []


def test_effects_run_in_the_order_of_their_enqueues(worker: Worker) -> None:
    """With one worker, what was written first is done first."""
    with airlock.scope(executor=worker.executor):
        for number in range(20):
            airlock.enqueue(rq_tasks.note, number)

    worker.wait_for(19)
    assert worker.effects == [[number] for number in range(20)]


def test_arguments_named_like_options_arrive(worker: Worker) -> None:
    """In the function itself, on the other side of the queue."""
    kwargs = dict.fromkeys(OPTION_NAMES, 7)

    with airlock.scope(executor=worker.executor):
        airlock.enqueue(rq_tasks.note, "ada", **kwargs)

    worker.wait_for("ada", kwargs)


def test_a_coroutine_function_runs(worker: Worker) -> None:
    """Only a worker awaits it."""
    with airlock.scope(executor=worker.executor):
        airlock.enqueue(rq_tasks.greet, "ada")

    worker.wait_for("greeted", "ada")


def test_a_decorated_function_runs_as_it_was_declared(
    worker: Worker, queue: Queue
) -> None:
    """On its own queue, by the name of the executor alone."""
    declare = job(f"{queue.name}-other", connection=queue.connection, timeout=77)
    task: Any = declare(rq_tasks.timeout)
    try:
        with airlock.scope(executor="rq"):
            airlock.enqueue(task)
    finally:
        vars(task).clear()

    worker.wait_for("timeout", 77)


def test_options_are_honoured(worker: Worker) -> None:
    """Two retries are three attempts, and the callback runs at the end."""
    options = {
        "retry": Retry(max=2),
        "on_failure": Callback(rq_tasks.on_failure),
        "job_timeout": 5,
    }

    with airlock.scope(executor=worker.executor):
        airlock.enqueue(rq_tasks.fail, _dispatch_options=options)

    worker.wait_for("attempt", times=3)
    worker.wait_for("failed", "rq_tasks.fail")


def test_a_chosen_id_finds_the_result(worker: Worker, queue: Queue) -> None:
    """The caller sees no job; an id of its own is the way to one."""
    number = f"{queue.name}-own"
    with airlock.scope(executor=worker.executor):
        airlock.enqueue(rq_tasks.note, 7, _dispatch_options={"job_id": number})

    worker.wait_for(7)
    worker.catch_up()
    found = queue.fetch_job(number)
    assert found is not None
    assert found.return_value() == 7


def test_a_job_may_depend_on_another(worker: Worker, queue: Queue) -> None:
    """Though it stands before it in the scope."""
    first = queue.create_job(rq_tasks.note, args=("first",))
    first.save()

    with airlock.scope(executor=worker.executor):
        options = {"depends_on": first}
        airlock.enqueue(rq_tasks.note, "second", _dispatch_options=options)
        airlock.enqueue(first)  # type: ignore[call-overload]

    worker.wait_for("second")
    assert worker.effects == [["first"], ["second"]]


def test_a_delayed_effect_runs_when_its_time_has_come(worker: Worker) -> None:
    """The scheduler of the worker enqueues it."""
    soon, never = timedelta(seconds=1), timedelta(hours=1)
    with airlock.scope(executor=worker.executor):
        for name, delay in (("never", never), ("due", soon)):
            options = {"enqueue_in": delay}
            airlock.enqueue(rq_tasks.note, name, _dispatch_options=options)
        airlock.enqueue(rq_tasks.note, "now")

    worker.wait_for("due")
    assert worker.effects == [["now"], ["due"]]


def test_a_worker_ends_when_its_tests_are_gone(worker: Worker) -> None:
    """Killed tests cannot stop it, and it would wait for work for ever."""
    worker.catch_up()

    worker.let_go()

    worker.wait_for_its_end()
