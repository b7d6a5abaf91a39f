"""Tasks without any base class of ours, in a process with the global intercept."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import os
from typing import Any

from celery import Task, chord, group, shared_task
from worker_app import QUEUE, app, collect, note, say

import airlock
from airlock.integrations.celery import install_global_intercept

# How the broker's own keys begin, beside those of the queue.
BROKERS = "_kombu.", "unacked"


@app.task
def made_before(case: str) -> None:
    """Have been made before the intercept was installed."""
    say(case, note.delay(case, "effect"))


if "WORKER_INSTALLS" in os.environ:
    wraps = os.environ["WORKER_INSTALLS"] != "without execution"
    install_global_intercept(app, wrap_task_execution=wraps)


@app.task
def delay(case: str) -> None:
    """Ask for an effect."""
    say(case, note.delay(case, "effect"))


@shared_task
def share(case: str) -> None:
    """Be a task of whatever app there is."""
    say(case, note.delay(case, "effect"))


class Custom(Task):  # type: ignore[misc]
    """Have something to do around each execution."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Say so."""
        say(args[0], "around")
        return super().__call__(*args, **kwargs)


@app.task(base=Custom, bind=True)
def retry_custom(self: Any, case: str) -> None:
    """Rely on the number of retries, below a `__call__` of the project's own."""
    note.delay(case, f"effect {self.request.retries}")
    if self.request.retries < 1:
        raise self.retry(countdown=0)


class OfClass(Task):  # type: ignore[misc]
    """Be a task that no decorator made."""

    name = "worker_intercepted.of_class"

    def run(self, case: str) -> None:
        """Ask for an effect."""
        say(case, note.delay(case, "effect"))


app.register_task(OfClass())


@app.task
def fail(case: str) -> None:
    """Ask for all kinds of effects, and fail."""
    say(case, note.apply_async((case, "effect"), countdown=0))
    canvases(case)
    say(case, app.send_task(note.name, (case, "effect")))
    raise ValueError("boom")


@app.task
def send_and_fail(case: str) -> None:
    """Ask for an effect where perhaps no scope is, and fail."""
    note.delay(case, "effect")
    raise ValueError("boom")


@app.task
def send_by_name(case: str) -> None:
    """Ask for an effect that this process need not know."""
    say(case, app.send_task("worker_app.note", (case, "effect")))


@app.task(bind=True)
def retry(self: Any, case: str) -> None:
    """Succeed at the third attempt."""
    say(case, "attempt", self.request.retries)
    note.delay(case, f"effect {self.request.retries}")
    if self.request.retries < 2:
        raise self.retry(countdown=0)


@app.task(bind=True, autoretry_for=(KeyError,), default_retry_delay=0)
def autoretry(self: Any, case: str) -> None:
    """Fail in a way for which Celery tries again."""
    say(case, "attempt", self.request.retries)
    note.delay(case, f"effect {self.request.retries}")
    if self.request.retries < 2:
        raise KeyError(case)


@app.task(bind=True)
def replace(self: Any, case: str) -> None:
    """Let another task do the work."""
    say(case, "replaced")
    note.delay(case, "effect")
    raise self.replace(note.si(case, "replacement"))


@app.task(bind=True)
def add_to_chord(self: Any, case: str) -> str:
    """Add a task to the chord that this one is in."""
    say(case, "adding")
    self.add_to_chord(note.si(case, "added"))
    return "adding"


def canvases(case: str) -> list[Any]:
    """Ask for one of each, and return what that returns."""
    return [
        group(note.si(case, "g1"), note.si(case, "g2")).delay(),
        (note.si(case, "c1") | note.si(case, "c2")).apply_async(),
        chord([note.si(case, "h1"), note.si(case, "h2")])(collect.s(case)),
        note.s("late").apply_async((case,)),
        note.chunks([(case, "k1"), (case, "k2")], 1)(),
        note.starmap([(case, "m1"), (case, "m2")]).delay(),
    ]


@app.task
def publish_canvases(case: str) -> None:
    """Ask for all of them, and count the effects."""
    results = canvases(case)
    scope = airlock.get_current_scope()
    assert scope is not None
    say(case, len(scope.intents), results)


@app.task
def drop_canvases(case: str) -> None:
    """Ask for all of them where nothing may leave; look what Redis has of it."""
    before = keys()
    with airlock.scope(policy=airlock.DropAll()):
        canvases(case)
    say(case, "left behind", sorted(keys() - before))


def keys() -> set[str]:
    """Return the keys of the result backend in Redis, and none of the broker."""
    found = app.backend.client.scan_iter(f"{QUEUE}:*")
    names = {key.decode().removeprefix(f"{QUEUE}:") for key in found}
    return {name for name in names if not name.startswith((QUEUE, *BROKERS))}
