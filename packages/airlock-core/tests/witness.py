"""Policies, scopes and executors that tell the state machine what they are asked."""

from __future__ import annotations

import contextvars
import threading
from typing import TYPE_CHECKING, Any

from model import Boom, Refused, allows

import airlock
from airlock import Intent, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = [
    "Judge",
    "Observer",
    "Witness",
    "complete",
    "in_thread",
    "numbered",
    "open_scope",
    "outcome",
]


class Observer:
    """What happened in one step, and what is planned to happen in its midst."""

    def __init__(self) -> None:
        self.forget_the_step()

    def forget_the_step(self) -> None:
        """Begin another step."""
        self.events: list[tuple[Any, ...]] = []
        # How many dispatches succeed before one fails.
        self.fuse: int | None = None
        self.is_async = False
        self._plan: tuple[str, Callable[[Any], object]] | None = None

    def plan(self, moment: str, act: Callable[[Any], object]) -> None:
        """Do something in another thread as soon as this is asked."""
        self._plan = moment, act

    def reach(self, moment: str, asked: object) -> None:
        """Do what was planned for this moment."""
        if self._plan and self._plan[0] == moment:
            (_, act), self._plan = self._plan, None
            in_thread(lambda: contextvars.Context().run(act, asked))

    def executor(self, name: str) -> Callable[[Intent], object]:
        """Return an executor that fails when its fuse has burnt down."""

        def send(intent: Intent) -> None:
            if self.fuse is not None:
                self.fuse -= 1
                if self.fuse < 0:
                    raise Boom
            self.events.append(("sent", name, numbered(intent)))

        async def send_later(intent: Intent) -> None:
            send(intent)

        # What is never awaited, or not in turn, is missing among the events.
        return lambda intent: send_later(intent) if self.is_async else send(intent)


class Judge:
    """A policy that answers by its name."""

    def __init__(self, observer: Observer, name: str) -> None:
        self._observer = observer
        self._name = name

    def on_enqueue(self, intent: Intent) -> None:
        self._observer.events.append(("observed", self._name, numbered(intent)))
        if self._name.startswith("refuse"):
            raise airlock.PolicyViolation(self._name)
        self._observer.reach(self._name, self)

    def allows(self, intent: Intent) -> bool:
        self._observer.events.append(("asked", self._name, numbered(intent)))
        return allows(self._name, _kind(intent))


class Witness(Scope):
    """A scope that tells what it is offered."""

    name: str
    observer: Observer

    def before_descendant_flushes(
        self, exiting_scope: Scope, intents: list[Intent]
    ) -> Any:
        assert isinstance(exiting_scope, Witness)
        numbers = [numbered(intent) for intent in intents]
        self.observer.events.append(("offered", self.name, exiting_scope.name, numbers))
        self.observer.reach("offered", self)
        return super().before_descendant_flushes(exiting_scope, intents)


class Letting(Witness):
    """Lets some leave, by their kind."""

    def before_descendant_flushes(
        self, exiting_scope: Scope, intents: list[Intent]
    ) -> Any:
        super().before_descendant_flushes(exiting_scope, intents)
        return [intent for intent in intents if _kind(intent)]


class Capturing(Witness, airlock.CapturingScope):
    """Keeps everything."""


class Coalescing(Witness, airlock.CoalescingScope):
    """Sends equal effects once."""


def open_scope(observer: Observer, name: str, kind: str, verdict: str) -> Witness:
    """Make a scope that is not entered yet."""
    policy = Judge(observer, verdict)
    executor = observer.executor(name)
    made: Witness
    if kind.startswith("coalescing"):
        keep: Any = "last" if kind.endswith("last") else "first"
        made = Coalescing(policy, executor=executor, keep=keep)
    else:
        chosen = {"capturing": Capturing, "letting": Letting}.get(kind, Witness)
        made = chosen(policy, executor=executor)
    made.name, made.observer = name, observer
    return made


def numbered(intent: Intent) -> int:
    """Return the number under which the machine enqueued an intent."""
    return int(str(intent.origin).partition(":")[0])


def _kind(intent: Intent) -> int:
    return int(str(intent.origin).partition(":")[2])


def outcome(act: Callable[[], object]) -> tuple[str, object]:
    """Return what a step returned or raised, in terms that the model shares."""
    try:
        result = act()
    except Refused as refused:
        return str(refused), None
    except (Boom, airlock.AirlockError) as error:
        return type(error).__name__, None
    if not isinstance(result, list):
        return "ok", None
    return "ok", [numbered(i) if isinstance(i, Intent) else i for i in result]


def complete(work: Coroutine[Any, Any, object]) -> object:
    """Run a coroutine that waits for nothing, without the cost of a loop."""
    try:
        work.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits, and nothing here would ever wake it")


def in_thread(act: Callable[[], object]) -> None:
    """Do something in another thread, and raise here what it raises there."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - raised below
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
