"""A task of the script itself, whose name means another module to a consumer."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import huey as library
import pytest
from huey import MemoryHuey, SqliteHuey
from queued_tasks import ran

import airlock
from airlock import NotATaskError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SCRIPT = """
from huey import SqliteHuey

import airlock

huey = SqliteHuey("shop", filename="shop.db")


@huey.task()
def receipt(order):
    print("receipt for", order)


try:
    with airlock.scope(executor="huey"):
        airlock.enqueue(receipt, 17)
except airlock.NotATaskError as error:
    print(error)

with airlock.scope(executor="huey"):
    airlock.enqueue(huey.enqueue, receipt.s(18))

while message := huey.dequeue():
    huey.execute(message)
huey.storage.close()
"""
either_time = pytest.mark.parametrize("verify", [True, False])


@pytest.fixture
def receipt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a task as a script has it, on a Huey whose file a consumer shares."""
    huey = SqliteHuey("shop", filename=str(tmp_path / "huey.db"))
    yield of_the_script(huey, monkeypatch)
    huey.storage.close()


def of_the_script(huey: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make a task that stands in the script."""

    def receipt(order: int = 0, *_: Any) -> int:
        ran.append(order)
        return order

    receipt.__module__, receipt.__qualname__ = "__main__", "receipt"
    made = huey.task()(receipt)
    monkeypatch.setattr(sys.modules["__main__"], "receipt", made, raising=False)
    return made


def refusal(owner: Any, made: Any, *, verify: bool) -> str:
    """Enqueue what must be refused, and return the text of the error."""
    with pytest.raises(NotATaskError) as caught:  # noqa: SIM117
        with airlock.scope(executor="huey", verify=verify):
            airlock.enqueue(made)

    assert owner.pending_count() == 0
    return str(caught.value)


@either_time
def test_a_task_of_the_script_is_refused(receipt: Any, *, verify: bool) -> None:
    """The consumer would take its message from the queue, and drop it."""
    told = refusal(receipt.huey, receipt, verify=verify)

    assert told == (
        "Expected a task, got __main__:receipt, which a worker would look for in a "
        "__main__ of its own. Move it into a module that both can import; where this "
        "script is its own consumer, name its Huey: "
        "airlock.enqueue(huey.enqueue, task.s())."
    )


@either_time
@pytest.mark.parametrize(
    "make",
    [
        lambda task: task.s(17),
        lambda task: task.s(17).then(task),
        pytest.param(
            lambda task: library.group([task.s(17)]),
            marks=pytest.mark.skipif(
                not hasattr(library, "group"), reason="this Huey has no groups"
            ),
        ),
    ],
)
def test_a_message_of_the_script_is_refused(
    make: Callable[[Any], Any], receipt: Any, *, verify: bool
) -> None:
    """Its task is as hard to find."""
    told = refusal(receipt.huey, make(receipt), verify=verify)

    assert "got a message of __main__:receipt, which a worker" in told


@either_time
def test_a_later_step_of_the_script_is_refused(
    receipt: Any, monkeypatch: pytest.MonkeyPatch, *, verify: bool
) -> None:
    """It travels inside the message of the first, which no consumer could read."""
    first = receipt.huey.task(name="first")(lambda: None)
    monkeypatch.setattr(sys.modules[__name__], "first", first, raising=False)

    told = refusal(receipt.huey, first.s().then(receipt, 17), verify=verify)

    assert "got a message of __main__:receipt, which a worker" in told


@either_time
def test_immediate_mode_runs_the_tasks_of_the_script(
    receipt: Any, *, verify: bool
) -> None:
    """Nobody else looks for them."""
    receipt.huey.immediate = True

    with airlock.scope(executor="huey", verify=verify):
        airlock.enqueue(receipt, 17)
        airlock.enqueue(receipt.s(18).then(receipt))

    assert ran == [17, 18, 18]


@either_time
def test_a_queue_in_memory_takes_the_tasks_of_the_script(
    monkeypatch: pytest.MonkeyPatch, *, verify: bool
) -> None:
    """Only this process can be its consumer."""
    receipt = of_the_script(MemoryHuey("in-memory"), monkeypatch)

    with airlock.scope(executor="huey", verify=verify):
        airlock.enqueue(receipt, 17)
        airlock.enqueue(receipt.s(18))

    assert receipt.huey.pending_count() == 2


def test_a_script_that_is_its_own_consumer_has_a_way_out(tmp_path: Path) -> None:
    """There the name is right, and naming the Huey asks no questions."""
    script = tmp_path / "shop.py"
    script.write_text(SCRIPT)

    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    refused, said = done.stdout.splitlines()
    assert "__main__:receipt" in refused
    assert said == "receipt for 18"
