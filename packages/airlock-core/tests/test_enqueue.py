"""`enqueue()`: what it accepts, what it refuses, and where it says so."""

from __future__ import annotations

import pytest
from recording import Journal, Recorder, ran, record

import airlock
from airlock import Intent


def test_a_scope_is_required() -> None:
    """Effects do not escape silently; the text names the task and the cure."""
    with pytest.raises(airlock.NoScopeError, match="recording:record") as caught:
        airlock.enqueue(record)

    assert "with airlock.scope():" in str(caught.value)


def test_a_task_may_have_arguments_of_any_name(executor: Recorder) -> None:
    """Only the two underscored names belong to airlock."""
    names = ("task", "policy", "self", "name", "args", "kwargs", "executor", "scope")
    arguments = dict.fromkeys(names, 1)

    with airlock.scope(executor=executor):
        airlock.enqueue(record, **arguments)

    assert executor.intents[0].kwargs == arguments


def test_origin_and_options_reach_the_executor(executor: Recorder) -> None:
    """They are metadata of the effect, not arguments of the task."""
    options = {"queue": "low"}

    with airlock.scope(executor=executor):
        airlock.enqueue(record, 1, _origin="orders", _dispatch_options=options)

    [intent] = executor.intents
    assert intent.origin == "orders"
    assert intent.dispatch_options == options
    assert intent.args == (1,)
    assert intent.kwargs == {}


@pytest.mark.parametrize("given", [None, "send_email", b"send", 3, 2.5, True])
def test_a_value_is_no_task(given: object) -> None:
    """`enqueue(send())` passes a result; better told here than at flush."""
    with airlock.scope() as s, pytest.raises(airlock.NotATaskError, match="apart"):
        airlock.enqueue(given)  # type: ignore[call-overload]

    assert s.intents == []


def test_a_coroutine_is_no_task() -> None:
    """It is closed, so that nothing is reported as never awaited."""

    async def send() -> None: ...

    with airlock.scope(), pytest.raises(airlock.NotATaskError, match="coroutine"):
        airlock.enqueue(send())  # type: ignore[call-overload]


def test_a_future_is_no_task() -> None:
    """Any awaitable is refused, also one that has nothing to close."""

    class Future:
        def __await__(self) -> object: ...

    with airlock.scope(), pytest.raises(airlock.NotATaskError, match="Future"):
        airlock.enqueue(Future())  # type: ignore[call-overload]


def test_a_message_that_cannot_be_called_is_accepted(executor: Recorder) -> None:
    """Queues have message objects that only their executor understands."""

    class Message:
        name = "mail.send"

    with airlock.scope(executor=executor):
        airlock.enqueue(Message())  # type: ignore[call-overload]

    assert executor.intents[0].name == "mail.send"


def test_a_message_cannot_run_in_place() -> None:
    """The sync executor says which executor is missing, not 'not callable'."""

    class Message:
        name = "mail.send"

    with (
        pytest.raises(airlock.NotATaskError, match=r"mail\.send, a Message"),
        airlock.scope(),
    ):
        airlock.enqueue(Message())  # type: ignore[call-overload]


def test_options_must_be_a_mapping() -> None:
    """A list of options would fail far away, inside the executor."""
    with airlock.scope(), pytest.raises(TypeError, match="_dispatch_options=5"):
        airlock.enqueue(record, _dispatch_options=5)


def test_a_coroutine_task_does_not_vanish_in_a_plain_scope() -> None:
    """Calling it only makes a coroutine: the effect would be lost silently."""

    async def send() -> None:
        record("sent")

    with (
        pytest.raises(airlock.AsyncDispatchError, match="send returned an awaitable"),
        airlock.scope(),
    ):
        airlock.enqueue(send)

    assert ran == []


def test_an_awaitable_of_an_executor_is_cancelled_where_it_can_be() -> None:
    """What cannot be awaited must not go on in the background either."""
    cancelled: list[bool] = []

    class Pending:
        def __await__(self) -> object: ...

        def cancel(self) -> None:
            cancelled.append(True)

    class Endless:
        def __await__(self) -> object: ...

    for awaitable in (Pending(), Endless()):
        with (
            pytest.raises(airlock.AsyncDispatchError),
            airlock.scope(executor=lambda _, result=awaitable: result),
        ):
            airlock.enqueue(record)

    assert cancelled == [True]


def test_other_results_of_an_executor_mean_nothing() -> None:
    """Queues return handles of many kinds."""
    with airlock.scope(executor=lambda _: object()) as s:
        airlock.enqueue(record)

    assert s.is_flushed


def test_hooks_run_innermost_first_and_the_scope_last(executor: Recorder) -> None:
    """Both hooks follow one order."""
    notes: list[str] = []

    with (
        airlock.scope(Journal("scope", notes), executor=executor),
        airlock.policy(Journal("outer", notes)),
        airlock.policy(Journal("inner", notes)),
    ):
        airlock.enqueue(record, 1)

    assert notes == [
        "inner.on_enqueue",
        "outer.on_enqueue",
        "scope.on_enqueue",
        "inner.allows",
        "outer.allows",
        "scope.allows",
    ]


def test_the_first_refusal_is_the_last_question() -> None:
    """A log further out would claim that a dropped effect left."""
    notes: list[str] = []

    with (
        airlock.scope(Journal("scope", notes)),
        airlock.policy(Journal("outer", notes)),
        airlock.policy(Journal("inner", notes, allow=False)),
    ):
        airlock.enqueue(record, 1)

    assert [note for note in notes if note.endswith("allows")] == ["inner.allows"]


def test_a_hook_that_raises_keeps_the_intent_out(executor: Recorder) -> None:
    """A refused effect is nowhere, not even in the audit log."""
    with airlock.scope(executor=executor) as s:
        with (
            airlock.policy(airlock.AssertNoEffects()),
            pytest.raises(airlock.PolicyViolation),
        ):
            airlock.enqueue(record, 1)
        airlock.enqueue(record, 2)

    assert [intent.args for intent in s.intents] == [(2,)]
    assert executor.values == [2]


class Meddler(airlock.Policy):
    """Does in one of its hooks what policies may not do."""

    def __init__(self, hook: str, attempt: str) -> None:
        self._hook = hook
        self._attempt = attempt

    def on_enqueue(self, intent: Intent) -> None:
        """Misbehave, if this is the hook."""
        del intent
        self._act("on_enqueue")

    def allows(self, intent: Intent) -> bool:
        """Misbehave, if this is the hook."""
        del intent
        self._act("allows")
        return True

    def _act(self, hook: str) -> None:
        if hook != self._hook:
            return
        if self._attempt == "enqueue":
            airlock.enqueue(record)
        elif self._attempt == "region":
            with airlock.policy(airlock.AllowAll()):
                airlock.enqueue(record)
        else:
            with airlock.scope():
                airlock.enqueue(record)


@pytest.mark.parametrize("attempt", ["enqueue", "scope", "region"])
@pytest.mark.parametrize("hook", ["on_enqueue", "allows"])
@pytest.mark.parametrize("place", ["scope", "local"])
def test_a_policy_can_neither_enqueue_nor_open_a_scope(
    place: str, hook: str, attempt: str
) -> None:
    """Policies judge; effects made by judging would never end."""
    meddler = Meddler(hook, attempt)
    policies = (meddler, airlock.AllowAll())
    scope_policy, local = policies if place == "scope" else policies[::-1]

    with (
        pytest.raises(airlock.PolicyEnqueueError, match="inside a policy"),
        airlock.scope(),
        airlock.scope(scope_policy),
        airlock.policy(local),
    ):
        airlock.enqueue(print)

    assert ran == []


def test_asking_an_intent_early_is_guarded_too() -> None:
    """`passes_local_policies()` calls the same hooks under the same rule."""
    with airlock.scope(airlock.DropAll()) as s:
        with airlock.policy(Meddler("allows", "enqueue")):
            airlock.enqueue(print)

        with pytest.raises(airlock.PolicyEnqueueError):
            s.intents[0].passes_local_policies()
        s.exit()
        s.discard()


def test_a_policy_may_ask_for_the_current_scope() -> None:
    """Looking is not enqueueing."""
    seen: list[object] = []

    class Curious(airlock.Policy):
        def on_enqueue(self, intent: Intent) -> None:
            del intent
            seen.append(airlock.get_current_scope())

    with airlock.scope(Curious()) as s:
        airlock.enqueue(record)

    assert seen == [s]
