"""Tasks with a base class of ours, to be run by a real worker."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import os
import signal
import time
from typing import Any

from celery import shared_task
from celery.exceptions import Ignore, Reject
from worker_app import app, count, note, say

import airlock
from airlock.integrations.celery import AirlockTask, LegacyTaskShim


class ShimmedAirlockTask(LegacyTaskShim, AirlockTask):
    """Both at once, as a project has it in the middle of its migration."""


@app.task(base=AirlockTask)
def succeed(case: str, effect: str = "effect") -> str:
    """Enqueue an effect, and write down that the body is done."""
    airlock.enqueue(note, case, effect)
    time.sleep(0.05)
    say(case, "done")
    return effect


@shared_task(base=AirlockTask)
def share(case: str) -> None:
    """Be a task of whatever app there is."""
    airlock.enqueue(note, case, "effect")
    say(case, "done")


@app.task(base=AirlockTask)
def fail(case: str) -> None:
    """Enqueue an effect, and fail."""
    say(case, "failing")
    airlock.enqueue(note, case, "effect")
    raise ValueError("boom")


@app.task(base=AirlockTask, bind=True)
def retry(self: Any, case: str) -> None:
    """Succeed at the third attempt."""
    say(case, "attempt", self.request.retries)
    airlock.enqueue(note, case, f"effect {self.request.retries}")
    if self.request.retries < 2:
        raise self.retry(countdown=0)


@app.task(base=AirlockTask, bind=True, autoretry_for=(KeyError,), default_retry_delay=0)
def autoretry(self: Any, case: str) -> None:
    """Fail in a way for which Celery tries again."""
    say(case, "attempt", self.request.retries)
    airlock.enqueue(note, case, f"effect {self.request.retries}")
    if self.request.retries < 2:
        raise KeyError(case)


@app.task(base=AirlockTask, bind=True)
def replace(self: Any, case: str) -> None:
    """Let another task do the work."""
    say(case, "replaced")
    airlock.enqueue(note, case, "effect")
    raise self.replace(note.si(case, "replacement"))


@app.task(base=AirlockTask, bind=True)
def add_to_chord(self: Any, case: str) -> str:
    """Add a task to the chord that this one is in, and then fail or not."""
    airlock.enqueue(note, case, "effect")
    self.add_to_chord(note.si(case, "added"))
    say(case, "adding")
    return "adding"


@app.task(base=AirlockTask)
def ignore(case: str) -> None:
    """Tell Celery to store no result."""
    say(case, "ignoring")
    airlock.enqueue(note, case, "effect")
    raise Ignore


@app.task(base=AirlockTask, acks_late=True)
def reject(case: str) -> None:
    """Tell the broker that the message is of no use."""
    say(case, "rejecting")
    airlock.enqueue(note, case, "effect")
    raise Reject("no reason", requeue=False)


@app.task(base=AirlockTask)
def linger(case: str) -> None:
    """Take longer than anybody waits."""
    airlock.enqueue(note, case, "effect")
    say(case, "lingering")
    time.sleep(600)


@app.task(base=AirlockTask)
def overlap(case: str, name: str, *, fails: bool) -> None:
    """Wait in the middle until another task is in the middle, too."""
    airlock.enqueue(note, case, f"{name} 1")
    say(case, "begun")
    while count(case, "begun") < 2:
        time.sleep(0.01)
    airlock.enqueue(note, case, f"{name} 2")
    say(case, "ended")
    if fails:
        raise ValueError("boom")


@app.task(base=AirlockTask, acks_late=True, reject_on_worker_lost=True)
def die(case: str, seen: str) -> None:
    """Kill the process at the first attempt, as the kernel does when memory is out."""
    is_first = not os.path.exists(seen)  # noqa: PTH110 - a str, from the message
    airlock.enqueue(note, case, "effect of the first" if is_first else "effect")
    say(case, "attempt")
    if is_first:
        os.close(os.open(seen, os.O_CREAT))
        os.kill(os.getpid(), signal.SIGKILL)


@app.task(base=AirlockTask)
def call_in_place(case: str) -> None:
    """Call a task as a function, where nothing may leave."""
    with airlock.scope(policy=airlock.DropAll()):
        succeed(case, "dropped")
    succeed(case, "kept")


@app.task(base=LegacyTaskShim)
def old_note(case: str, *values: Any) -> Any:
    """Be an effect that old code asks for."""
    say(case, *values)
    return values[0]


@app.task(base=AirlockTask)
def delay(case: str) -> None:
    """Ask for effects in the old way."""
    say(case, old_note.delay(case, "first"), old_note.apply_async((case, "second")))


@app.task(base=AirlockTask)
def delay_and_fail(case: str) -> None:
    """Ask for an effect in the old way, and fail."""
    say(case, old_note.delay(case, "effect"))
    raise ValueError("boom")


@app.task(base=LegacyTaskShim, bind=True)
def old_retry(self: Any, case: str) -> None:
    """Try again where there is no scope."""
    say(case, "attempt", self.request.retries)
    if self.request.retries < 2:
        raise self.retry(countdown=0)


@app.task(base=ShimmedAirlockTask, bind=True, autoretry_for=(KeyError,))
def retry_in_scope(self: Any, case: str) -> None:
    """Try again inside the task's own scope."""
    say(case, "attempt", self.request.retries)
    old_note.delay(case, f"effect {self.request.retries}")
    if self.request.retries < 2:
        raise self.retry(countdown=0)


@app.task(base=ShimmedAirlockTask, bind=True)
def replace_by_old(self: Any, case: str) -> None:
    """Be replaced by a task that is not to be called in the old way."""
    say(case, "replaced")
    old_note.delay(case, "effect")
    raise self.replace(old_note.si(case, "replacement"))


@app.task(base=ShimmedAirlockTask, bind=True)
def add_old_to_chord(self: Any, case: str) -> str:
    """Add a task that is not to be called in the old way."""
    self.add_to_chord(old_note.si(case, "added"))
    say(case, "adding")
    return "adding"


@app.task(bind=True)
def plain_replace_by_old(self: Any, case: str) -> None:
    """Be replaced likewise, without any base class."""
    say(case, "replaced")
    raise self.replace(old_note.si(case, "replacement"))
