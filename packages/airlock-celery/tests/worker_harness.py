"""Real workers for the tests: one per pool and broker, fed with one case at a time."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
import uuid
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from celery import _state
from kombu import pools

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = Path(__file__).parent
DEADLINE = 60
MARKER = "caught up"
BROKERS = {
    "redis": "redis://127.0.0.1",
    "rabbitmq": "amqp://guest:guest@127.0.0.1",
}


class Worker:
    """One worker process, and what its tasks wrote down."""

    def __init__(
        self, pool: str, module: str, folder: Path, settings: Mapping[str, str]
    ) -> None:
        self.pool = pool
        self._settings = settings
        self.tasks: Any = importlib.import_module(module)
        common = importlib.import_module("worker_app")
        self.app: Any = common.app
        self.collect: Any = common.collect
        self._journal = folder / "journal"
        self._log = folder / "log"
        self._process = self.start("worker", "-P", pool, module=module)

    def start(self, *command: str, module: str) -> subprocess.Popen[bytes]:
        """Start a program of Celery's, which ends with the tests."""
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        name = ("-n", f"{uuid.uuid4().hex}@%h", *quiet)
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, HERE / "worker_process.py"),
                    *("-A", f"{module}:app", *command),
                    *(name if command[0] == "worker" else ()),
                ],
                env={**os.environ, "PYTHONPATH": str(HERE), **self._settings},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def case(self, name: str, *args: Any, **options: Any) -> Case:
        """Send the task of that name, with a case that nobody else has."""
        case = Case(self)
        case.send(name, *args, **options)
        return case

    def lines(self) -> list[list[Any]]:
        """Return what tasks wrote so far."""
        if not self._journal.exists():
            return []
        # The last line may be half written.
        lines = self._journal.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def wait_for(self, *values: Any, times: int = 1) -> None:
        """Wait until tasks have written these values."""
        deadline = time.monotonic() + DEADLINE
        while self.lines().count([*values]) < times:
            if time.monotonic() > deadline or self._process.poll() is not None:
                case = [line for line in self.lines() if line[0] == values[0]]
                pytest.fail(
                    f"waited for {values}, got {case}; the worker's log:\n"
                    f"{self._log.read_text()}"
                )
            time.sleep(0.01)

    def catch_up(self) -> None:
        """Wait until nothing is left to do, also of what was sent meanwhile."""
        before = self._mark()
        # Every task writes a line, and one that is done before the first marker has
        # sent what it sends before the second.
        while (after := self._mark()) > before + 1:
            before = after

    def _mark(self) -> int:
        """Send a marker, and return the number of the line it became."""
        number = uuid.uuid4().hex
        self.app.send_task("worker_app.note", (MARKER, number))
        self.wait_for(MARKER, number)
        return self.lines().index([MARKER, number])

    def stop(self) -> None:
        """End the process, as the end of these tests would, however they end."""
        end(self._process)


class Case:
    """One history: a task that was sent, and all that came of it."""

    def __init__(self, worker: Worker) -> None:
        self.name = uuid.uuid4().hex
        self.worker = worker

    def send(self, name: str, *args: Any, **options: Any) -> Any:
        """Send a task by its name, with this case before its arguments."""
        module = self.worker.tasks.__name__
        args = (self.name, *args)
        return self.worker.app.send_task(f"{module}.{name}", args, **options)

    def wait_for(self, *values: Any, times: int = 1) -> None:
        """Wait until tasks have written these values."""
        self.worker.wait_for(self.name, *values, times=times)

    @property
    def effects(self) -> list[Any]:
        """What was written down until nothing is left to do; lone values are bare."""
        self.worker.catch_up()
        found = [line[1:] for line in self.worker.lines() if line[0] == self.name]
        return [values[0] if len(values) == 1 else values for values in found]


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program of Celery's, and the processes of its pool.

    Not by SIGTERM: an idle worker may take ten seconds to notice it.
    """
    assert process.stdin is not None
    process.stdin.close()
    process.wait(timeout=DEADLINE)


@contextmanager
def running(
    pool: str,
    broker: str,
    module: str,
    folder: Path,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Worker]:
    """Run a worker on a queue that nobody else uses.

    Args:
        pool: The pool of the worker.
        broker: Its broker.
        module: What it imports, and this process too.
        folder: Where it writes.
        settings: What is in its environment alone.
    """
    pytest.importorskip("redis", reason="the results of all workers are in Redis")
    environment = {
        "WORKER_BROKER": BROKERS[broker],
        "WORKER_QUEUE": f"airlock-{uuid.uuid4().hex}",
        "WORKER_JOURNAL": str(folder / "journal"),
    }
    with ExitStack() as afterwards, pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        # Apps of other tests, before and after, would get the shared tasks too.
        for other in list(_state._get_active_apps()):
            _state._deregister_app(other)
        shared = _state._on_app_finalizers
        afterwards.callback(shared.intersection_update, set(shared))
        for name in ("worker_app", module):
            monkeypatch.delitem(sys.modules, name, raising=False)
        worker = Worker(pool, module, folder, settings)
        for name in ("worker_app", module):
            afterwards.callback(sys.modules.pop, name, None)
        afterwards.callback(clean, worker.app)
        afterwards.callback(worker.stop)
        worker.catch_up()
        yield worker


def clean(app: Any) -> None:
    """Delete the queue and the results, and close all connections."""
    [queue] = app.conf.task_queues
    with app.connection_for_write() as connection:
        queue(connection).delete()
    results = app.backend.result_consumer
    results.stop()
    # Results that go later would open a connection, to unsubscribe from each.
    results.subscribed_to.clear()
    redis = app.backend.client
    keys = list(redis.scan_iter(f"{queue.name}*"))
    if keys:
        redis.delete(*keys)
    redis.connection_pool.disconnect()
    # The pools are shared by all apps, and closed ones are not opened again.
    pools.reset()  # type: ignore[no-untyped-call]
    app.close()


def pairs(*pools: str) -> list[Any]:
    """Return each of these pools with each broker, as parameters of a fixture."""
    return [
        pytest.param(
            (pool, broker),
            id=f"{pool}-{broker}",
            marks=pytest.mark.service(*{"redis", broker}),
        )
        for broker in BROKERS
        for pool in pools
    ]


def worker_of(module: str, settings: Mapping[str, str] = MappingProxyType({})) -> Any:
    """Return a fixture: a worker per pool and broker, for all cases of a module."""

    @pytest.fixture(scope="module", params=pairs("prefork", "solo", "threads"))
    def worker(
        request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Worker]:
        folder = tmp_path_factory.mktemp("worker")
        pool, broker = request.param
        with running(pool, broker, module, folder, settings) as worker:
            yield worker

    return worker


def only(worker: Worker, *pools: str) -> None:
    """Skip the test where Celery cannot do what it is about."""
    if worker.pool not in pools:
        pytest.skip(f"Celery's pool {worker.pool} has no such thing")
