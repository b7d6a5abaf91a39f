"""What is particular to threads."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import airlock_executor_threads
import pytest
from airlock_executor_threads import ThreadsOptionError, wait

import airlock

ran: list[str] = []


def note() -> None:
    """Note which thread runs this."""
    ran.append(threading.current_thread().name)


def fail() -> None:
    """Stand for a task with a mistake."""
    raise ZeroDivisionError


def leave() -> None:
    """Stand for a task that takes itself for a script."""
    raise SystemExit


async def note_later() -> None:
    """Note it too, after a wait."""
    await asyncio.sleep(0)
    note()


def dispatch(task: Callable[..., object], **options: object) -> None:
    """Enqueue one effect and flush."""
    with airlock.scope(executor="threads"):
        airlock.enqueue(task, _dispatch_options=options)


def test_effects_run_in_a_thread() -> None:
    """The caller does not wait for them."""
    ran.clear()

    dispatch(note)
    wait()

    assert ran[0].startswith("airlock")


@pytest.mark.parametrize(
    ("task", "error"), [(fail, "ZeroDivisionError"), (leave, "SystemExit")]
)
def test_what_a_task_raises_is_logged(
    caplog: pytest.LogCaptureFixture, task: Callable[[], None], error: str
) -> None:
    """Nobody is there to catch it."""
    with caplog.at_level(logging.ERROR):
        dispatch(task)
        wait()

    assert f"{task.__name__} failed" in caplog.text
    assert error in caplog.text


def test_a_coroutine_function_runs_to_its_end() -> None:
    """The thread gives it an event loop of its own."""
    ran.clear()

    dispatch(note_later)
    wait()

    assert len(ran) == 1


def test_an_option_is_an_error_that_names_it() -> None:
    """It would be lost."""
    with pytest.raises(ThreadsOptionError, match="countdown"):
        dispatch(note, countdown=5)


def test_what_cannot_be_called_is_refused() -> None:
    """At the flush, and not in a thread that nobody watches."""
    with pytest.raises(airlock.NotATaskError):
        dispatch("note")  # type: ignore[arg-type]


forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
alone = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


@forks
@alone
def test_a_forked_worker_has_a_thread_of_its_own() -> None:
    """Servers fork after the application was loaded, and used."""
    dispatch(note)
    wait()
    ran.clear()

    child = os.fork()
    if not child:
        dispatch(note)
        wait()
        os._exit(len(ran))

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


@forks
@alone
def test_threads_that_come_first_at_once_share_one_pool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two pools would run two effects at once, in any order."""
    made: list[object] = []

    class SlowToMake(ThreadPoolExecutor):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            made.append(self)
            time.sleep(0.1)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(airlock_executor_threads, "ThreadPoolExecutor", SlowToMake)
    # Only a process that has just been forked has no pool yet.
    child = os.fork()
    if not child:
        threads = [threading.Thread(target=wait) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        os._exit(len(made))

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
