"""The Python blocks of the specification that need the core alone.

Each test names the heading its block stands under, and keeps the block's code
as it stands there wherever that runs. Over 300 lines: one document, one file.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

import airlock
from airlock import (
    AllowAll,
    BlockTasks,
    DropAll,
    Intent,
    LogOnFlush,
    PolicyViolation,
    Scope,
    _execute,
)
from airlock.integrations.executors.sync import sync_executor

if TYPE_CHECKING:
    from collections.abc import Callable

ran: list[tuple[Any, ...]] = []


@pytest.fixture(autouse=True)
def _nothing_ran_yet() -> None:
    ran.clear()


def task(name: str) -> Callable[..., None]:
    """Make a task that notes its name and arguments."""

    def run(*args: object, **kwargs: object) -> None:
        ran.append((name, *args, *kwargs.items()))

    run.__qualname__ = name
    run.__module__ = "myapp.tasks"
    return run


notify_warehouse = task("notify_warehouse")
send_confirmation_email = task("send_confirmation_email")
send_email = task("send_email")
sync_to_warehouse = task("sync_to_warehouse")
send_sms = task("send_sms")
send_alert = task("send_alert")
expensive_rebuild = task("expensive_rebuild")
notifications = task("notifications")
task_a, task_b, task_c, task_d = map(task, "abcd")


class Order:
    """The order of the specification, without a database."""

    id = 7
    status = "new"

    def save(self) -> None:
        """Store nothing."""

    def process(self) -> None:
        """Do as the specification does."""
        self.status = "processed"
        self.save()
        airlock.enqueue(notify_warehouse, self.id)
        airlock.enqueue(send_confirmation_email, self.id)


def names() -> list[str]:
    """The names of the tasks that ran, in order."""
    return [name for name, *_ in ran]


def test_the_idea() -> None:
    """## The idea: one domain method, four execution contexts."""
    order = Order()

    with airlock.scope():
        order.process()
        assert ran == []
    assert ran == [("notify_warehouse", 7), ("send_confirmation_email", 7)]

    ran.clear()
    with airlock.scope(policy=airlock.DropAll()):
        order.process()
    assert ran == []

    with (
        pytest.raises(PolicyViolation),
        airlock.scope(policy=airlock.AssertNoEffects()),
    ):
        order.process()
    assert ran == []

    with airlock.scope(policy=airlock.BlockTasks({"send_confirmation_email"})):
        order.process()
    assert ran == [("notify_warehouse", 7)]


def test_the_pattern_this_enables() -> None:
    """## The pattern this enables: effects are expressed where the model knows."""
    with pytest.raises(airlock.NoScopeError):
        Order().process()

    with airlock.scope() as s:
        Order().process()
        assert [intent.name for intent in s.intents] == [
            "myapp.tasks:notify_warehouse",
            "myapp.tasks:send_confirmation_email",
        ]


def test_basic_usage() -> None:
    """## Basic usage: intent first, control by the scope around it."""

    def do_business_logic() -> None:
        airlock.enqueue(send_email, user_id=123)
        airlock.enqueue(sync_to_warehouse, item_id=456)

    with airlock.scope():
        do_business_logic()

    assert ran == [
        ("send_email", ("user_id", 123)),
        ("sync_to_warehouse", ("item_id", 456)),
    ]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (airlock.AllowAll(), ["send_email", "send_sms", "expensive_rebuild"]),
        (airlock.DropAll(), []),
        (
            airlock.BlockTasks({"myapp.tasks:send_sms"}),
            ["send_email", "expensive_rebuild"],
        ),
        (airlock.LogOnFlush(), ["send_email", "send_sms", "expensive_rebuild"]),
        (
            airlock.CompositePolicy(
                airlock.LogOnFlush(),
                airlock.BlockTasks({"myapp.tasks:expensive_rebuild"}),
            ),
            ["send_email", "send_sms"],
        ),
    ],
)
def test_policies(policy: airlock.Policy, expected: list[str]) -> None:
    """## Policies: each built-in policy as a scope's policy."""
    with airlock.scope(policy=policy):
        airlock.enqueue(send_email)
        airlock.enqueue(send_sms)
        airlock.enqueue(expensive_rebuild)

    assert names() == expected


def test_local_policy_contexts() -> None:
    """## Local policy contexts: one buffer, a policy for a region."""

    def do_business_logic() -> None:
        airlock.enqueue(task_b)
        airlock.enqueue(task_c)

    with airlock.scope() as s:
        airlock.enqueue(task_a)
        with airlock.policy(airlock.DropAll()):
            do_business_logic()
        airlock.enqueue(task_d)

    assert names() == ["a", "d"]
    assert len(s.intents) == 4


def test_use_case_of_read_only_operations() -> None:
    """### Use cases: suppress effects in read-only operations."""

    def view_order(order: Order) -> str:
        with airlock.policy(airlock.DropAll()):
            order.process()
            return order.status

    with airlock.scope():
        assert view_order(Order()) == "processed"

    assert ran == []


def test_use_case_of_a_backfill() -> None:
    """### Use cases: block specific tasks in a region."""

    def process_order(number: int) -> None:
        airlock.enqueue(send_email, number)
        airlock.enqueue(sync_to_warehouse, number)

    with airlock.scope():
        for order in (1, 2):
            with airlock.policy(airlock.BlockTasks({"myapp.tasks:send_email"})):
                process_order(order)

    assert ran == [("sync_to_warehouse", 1), ("sync_to_warehouse", 2)]


def test_use_case_of_nested_policies(caplog: pytest.LogCaptureFixture) -> None:
    """### Use cases: nested policies stack, the innermost runs first.

    It blocks, and the pipeline under "Local policies and the flush pipeline"
    drops at the first refusal: the outer log never sees what did not leave.
    """
    with (
        caplog.at_level(logging.INFO),
        airlock.scope(),
        airlock.policy(LogOnFlush()),
        airlock.policy(BlockTasks({"notifications"})),
    ):
        airlock.enqueue(notifications)
        airlock.enqueue(send_email)

    assert names() == ["send_email"]
    assert [record.args[0] for record in caplog.records] == ["myapp.tasks:send_email"]  # type: ignore[index]


def test_introspection() -> None:
    """## Introspection: the buffer holds everything that was attempted."""
    with airlock.scope() as s:
        airlock.enqueue(task_a)

        with airlock.policy(airlock.DropAll()):
            airlock.enqueue(task_b)

        assert len(s.intents) == 2
        intent_a, intent_b = s.intents

        assert intent_a.local_policies == ()
        assert intent_a.passes_local_policies() is True

        assert len(intent_b.local_policies) == 1
        assert isinstance(intent_b.local_policies[0], airlock.DropAll)
        assert intent_b.passes_local_policies() is False

    assert names() == ["a"]


def test_inspecting_buffered_intents(capsys: pytest.CaptureFixture[str]) -> None:
    """### Inspecting buffered intents: name, args and kwargs of each."""
    with airlock.scope() as s:
        airlock.enqueue(send_email, 1, subject="hi")

        for intent in s.intents:
            print(f"{intent.name}: {intent.args}, {intent.kwargs}")  # noqa: T201

    assert capsys.readouterr().out == (
        "myapp.tasks:send_email: (1,), {'subject': 'hi'}\n"
    )


def test_dispatch_options() -> None:
    """## Dispatch options: ignored for plain callables, kept for executors."""
    options = {"countdown": 60, "queue": "emails"}
    with airlock.scope() as s:
        airlock.enqueue(send_email, user_id=123, _dispatch_options=options)

    assert ran == [("send_email", ("user_id", 123))]
    assert s.intents[0].dispatch_options == options


def test_how_dispatch_works() -> None:
    """## How dispatch works: the default executor is `sync_executor`."""
    with airlock.scope(executor=sync_executor):
        airlock.enqueue(task_a, 1)
    with airlock.scope():
        airlock.enqueue(task_a, 2)

    assert ran == [("a", 1), ("a", 2)]


def test_invariants() -> None:
    """## Invariants: FIFO, abort at the first failure, no enqueue from policies."""

    def fail() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError), airlock.scope():
        airlock.enqueue(task_c)
        airlock.enqueue(task_a)
        airlock.enqueue(fail)
        airlock.enqueue(task_b)

    assert names() == ["c", "a"]

    class Enqueues(airlock.Policy):
        def allows(self, intent: Intent) -> bool:
            airlock.enqueue(task_a, intent)
            return True

    with pytest.raises(airlock.PolicyEnqueueError), airlock.scope(Enqueues()):
        airlock.enqueue(task_a)
    with pytest.raises(airlock.NoScopeError):
        airlock.enqueue(task_a)


class LoggingPolicy:
    """Verbatim from '### `allows`: per-intent gate'."""

    def __init__(self, logger: logging.Logger) -> None:
        self.logger = logger

    def on_enqueue(self, intent: Intent) -> None:
        self.logger.info(f"Enqueueing: {intent.name}")  # noqa: G004 - verbatim

    def allows(self, intent: Intent) -> bool:
        self.logger.info(f"Dispatching: {intent.name}")  # noqa: G004 - verbatim
        return True


def test_a_logging_policy(caplog: pytest.LogCaptureFixture) -> None:
    """### The policy protocol: any class with both hooks is a policy."""
    policy = LoggingPolicy(logging.getLogger("audit"))
    with caplog.at_level(logging.INFO), airlock.scope(policy=policy):
        airlock.enqueue(task_a)

    assert caplog.messages == [
        "Enqueueing: myapp.tasks:a",
        "Dispatching: myapp.tasks:a",
    ]


class RateLimitPolicy:
    """Verbatim from '### `allows`: per-intent gate'."""

    def __init__(self, max_per_flush: int) -> None:
        self.max = max_per_flush
        self._count = 0

    def on_enqueue(self, intent: Intent) -> None:
        pass

    def allows(self, intent: Intent) -> bool:
        del intent
        if self._count >= self.max:
            return False
        self._count += 1
        return True


def test_a_rate_limited_policy() -> None:
    """### `allows`: per-intent gate: stateful, and asked once per intent."""
    with airlock.scope(policy=RateLimitPolicy(2)):
        for number in range(4):
            airlock.enqueue(task_a, number)

    assert ran == [("a", 0), ("a", 1)]


def test_the_flush_pipeline() -> None:
    """### Local policies and the flush pipeline: local ones first, then the scope's."""
    with airlock.scope(policy=RateLimitPolicy(1)):
        with airlock.policy(DropAll()):
            airlock.enqueue(task_a)
        airlock.enqueue(task_b)
        airlock.enqueue(task_c)

    assert names() == ["b"]


def test_policy_observes_and_filters() -> None:
    """### Policy = Observe and Filter: bare names block."""
    policy = airlock.BlockTasks({"send_sms", "expensive_rebuild"})
    with airlock.scope(policy=policy):
        airlock.enqueue(send_email)  # Dispatches
        airlock.enqueue(send_sms)  # Dropped

    assert names() == ["send_email"]


def test_executor_says_how_to_execute() -> None:
    """### Executor = How to Execute: any callable that takes an intent."""
    handed: list[Intent] = []

    with airlock.scope(executor=handed.append):
        airlock.enqueue(task_a, order_id=123)

    assert [(intent.name, intent.kwargs) for intent in handed] == [
        ("myapp.tasks:a", {"order_id": 123})
    ]
    assert ran == []


def test_composing_extension_points() -> None:
    """## Composing Extension Points: class, executor and policy are independent."""
    handed: list[Intent] = []

    class Custom(Scope):
        pass

    with airlock.scope(
        _cls=Custom, executor=handed.append, policy=airlock.LogOnFlush()
    ) as s:
        airlock.enqueue(task_a)

    assert type(s) is Custom
    assert [intent.name for intent in handed] == ["myapp.tasks:a"]


def test_when_to_use_each_extension_point() -> None:
    """## When to Use Each Extension Point: the outbox pattern."""
    table: list[dict[str, Any]] = []

    class OutboxScope(Scope):
        def _add(self, intent: Intent) -> None:
            super()._add(intent)
            row = {"task_name": intent.name, "args": intent.args, "status": "pending"}
            table.append(row)

        def _dispatch_all(self, intents: list[Intent]) -> None:
            for row, _ in zip(table, intents, strict=True):
                row["status"] = "ready"

    with airlock.scope(_cls=OutboxScope):
        airlock.enqueue(task_a, 1)
        assert table == [
            {"task_name": "myapp.tasks:a", "args": (1,), "status": "pending"}
        ]

    assert table[0]["status"] == "ready"
    assert ran == []


def test_scope_as_a_context_manager() -> None:
    """### `airlock.scope(policy=None, *, _cls=Scope)`: nested scopes are apart."""
    with airlock.scope() as outer:
        airlock.enqueue(task_a)

        with airlock.scope() as inner:
            airlock.enqueue(task_b)
        assert names() == ["b"]

        airlock.enqueue(task_c)

    assert names() == ["b", "a", "c"]
    assert (len(outer.intents), len(inner.intents)) == (2, 1)


def test_enqueue() -> None:
    """### `airlock.enqueue(task, *args, _origin=None, ...)`: as documented."""
    with airlock.scope() as s:
        airlock.enqueue(send_email, user_id=123)
        airlock.enqueue(
            sync_to_warehouse,
            item_id=456,
            _origin="orders",
            _dispatch_options={"queue": "low"},
        )

    assert s.intents[1].origin == "orders"
    assert s.intents[1].dispatch_options == {"queue": "low"}
    with pytest.raises(airlock.NoScopeError):
        airlock.enqueue(send_email, user_id=123)


def test_policy_as_a_context_manager() -> None:
    """### `airlock.policy(p)`: captured on each intent at enqueue time."""
    with airlock.scope():
        airlock.enqueue(task_a)  # Will dispatch

        with airlock.policy(DropAll()):
            airlock.enqueue(task_b)  # Won't dispatch

        airlock.enqueue(task_c)  # Will dispatch

    assert names() == ["a", "c"]


def test_get_current_scope() -> None:
    """### `airlock.get_current_scope()`: the active scope, or None."""
    assert airlock.get_current_scope() is None

    with airlock.scope() as s:
        airlock.enqueue(task_a)
        scope = airlock.get_current_scope()
        assert scope is s
        assert f"Buffered intents: {len(scope.intents)}" == "Buffered intents: 1"

    assert airlock.get_current_scope() is None


def test_an_always_flushing_scope() -> None:
    """### `Scope.should_flush(error)`: flush even on error."""

    class AlwaysFlushScope(Scope):
        def should_flush(self, error: BaseException | None) -> bool:
            del error
            return True

    with pytest.raises(ValueError, match="risky"), airlock.scope(_cls=AlwaysFlushScope):
        airlock.enqueue(send_alert, context="starting")
        raise ValueError("risky")

    assert ran == [("send_alert", ("context", "starting"))]


def test_a_scope_that_flushes_if_worth_it() -> None:
    """### `Scope.should_flush(error)`: conditional flush based on intents."""

    class FlushIfWorthItScope(Scope):
        def should_flush(self, error: BaseException | None) -> bool:
            if error:
                return False
            return any(intent.passes_local_policies() for intent in self.intents)

    with (
        airlock.scope(_cls=FlushIfWorthItScope) as worthless,
        airlock.policy(DropAll()),
    ):
        airlock.enqueue(task_a)
    with airlock.scope(_cls=FlushIfWorthItScope) as worthwhile:
        airlock.enqueue(task_b)

    assert worthless.is_discarded
    assert worthwhile.is_flushed
    assert names() == ["b"]


def test_a_scope_that_flushes_only_what_is_critical() -> None:
    """### `Scope.should_flush(error)`: flush based on intent priority."""

    class FlushOnlyCriticalScope(Scope):
        def should_flush(self, error: BaseException | None) -> bool:
            if error:
                return False
            return any(
                bool(
                    intent.dispatch_options
                    and intent.dispatch_options.get("priority") == "critical"
                )
                for intent in self.intents
            )

    with airlock.scope(_cls=FlushOnlyCriticalScope):
        airlock.enqueue(task_a)
    with airlock.scope(_cls=FlushOnlyCriticalScope):
        airlock.enqueue(task_b, _dispatch_options={"priority": "critical"})

    assert names() == ["b"]


def test_a_deferred_scope() -> None:
    """### `Scope._dispatch_all(intents)`: dispatch later, through `_execute`."""
    callbacks: list[Callable[[], None]] = []

    class DeferredScope(Scope):
        def _dispatch_all(self, intents: list[Intent]) -> None:
            def do_dispatch() -> None:
                for intent in intents:
                    _execute(intent)

            callbacks.append(do_dispatch)

    with airlock.scope(_cls=DeferredScope):
        airlock.enqueue(task_a)
    assert ran == []

    callbacks[0]()
    assert names() == ["a"]


def test_available_state_in_subclasses() -> None:
    """### Available state in subclasses: intents, _policy, is_flushed, is_discarded."""
    policy = AllowAll()
    scope = Scope(policy=policy)

    assert scope.intents == []
    assert scope._policy is policy
    assert (scope.is_flushed, scope.is_discarded) == (False, False)

    scope.flush()
    assert (scope.is_flushed, scope.is_discarded) == (True, False)


def test_scope_enter() -> None:
    """### `Scope.enter()`: returns itself; raises if already active."""
    s = Scope(policy=AllowAll())
    assert s.enter() is s
    with pytest.raises(airlock.ScopeStateError):
        s.enter()
    s.exit()
    s.flush()


def test_scope_exit() -> None:
    """### `Scope.exit()`: the previous scope is current again."""
    with airlock.scope() as outer:
        s = Scope().enter()
        assert airlock.get_current_scope() is s
        s.exit()
        assert airlock.get_current_scope() is outer
        with pytest.raises(airlock.ScopeStateError):
            s.exit()
        s.discard()


def test_scope_flush() -> None:
    """### `Scope.flush()`: returns what left; once, and only when inactive."""
    s = Scope(policy=BlockTasks({"a"})).enter()
    airlock.enqueue(task_a)
    airlock.enqueue(task_b)
    with pytest.raises(airlock.ScopeStateError):
        s.flush()
    s.exit()

    dispatched = s.flush()

    assert [intent.task for intent in dispatched] == [task_b]
    with pytest.raises(airlock.ScopeStateError):
        s.flush()
    with pytest.raises(airlock.NoScopeError):
        s._add(Intent(task_a))


def test_scope_discard() -> None:
    """### `Scope.discard()`: returns what was dropped; once, and only when inactive."""
    s = Scope().enter()
    airlock.enqueue(task_a)
    with pytest.raises(airlock.ScopeStateError):
        s.discard()
    s.exit()

    discarded = s.discard()

    assert [intent.task for intent in discarded] == [task_a]
    with pytest.raises(airlock.ScopeStateError):
        s.discard()
    assert ran == []


class Response:
    """As much of a response as the pattern needs."""

    def __init__(self, status_code: int) -> None:
        self.status_code = status_code


def middleware(get_response: Callable[[object], Response], request: object) -> Response:
    """The pattern, with its discard moved to where a raise does not skip it."""
    s = Scope(policy=AllowAll())
    s.enter()

    error: BaseException | None = None
    try:
        response = get_response(request)
    except BaseException as e:
        error = e
        raise
    finally:
        s.exit()
        if error:
            s.discard()

    if response.status_code < 400:
        s.flush()
    else:
        s.discard()

    return response


@pytest.mark.parametrize(("status", "expected"), [(200, ["a"]), (500, [])])
def test_the_integration_pattern(status: int, expected: list[str]) -> None:
    """### Integration pattern: the framework decides between exit and end."""

    def get_response(request: object) -> Response:
        airlock.enqueue(task_a, request)
        return Response(status)

    assert middleware(get_response, "request").status_code == status
    assert names() == expected


def test_the_integration_pattern_on_error() -> None:
    """### Integration pattern: an exception discards."""

    def get_response(request: object) -> Response:
        airlock.enqueue(task_a, request)
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        middleware(get_response, "request")

    assert ran == []


@pytest.mark.parametrize("fails", [False, True])
def test_context_manager_and_imperative_calls_are_equivalent(*, fails: bool) -> None:
    """### Comparison: Context manager vs Imperative: the same outcome by hand."""

    def do_stuff() -> None:
        airlock.enqueue(task_a)
        if fails:
            raise ValueError("boom")

    def by_hand() -> Scope:
        s = Scope(policy=AllowAll())
        s.enter()
        error = None
        try:
            do_stuff()
        except ValueError as e:
            error = e
        finally:
            s.exit()
            if not s.is_flushed and not s.is_discarded:
                if s.should_flush(error):
                    s.flush()
                else:
                    s.discard()
        return s

    def by_block() -> Scope:
        s = airlock.scope(policy=AllowAll())
        try:
            with s:
                do_stuff()
        except ValueError:
            pass
        return s

    for scope in (by_hand(), by_block()):
        assert (scope.is_flushed, scope.is_discarded) == (not fails, fails)
    assert names() == ([] if fails else ["a", "a"])


def test_block_tasks() -> None:
    """### `BlockTasks`: silently, or raising immediately on enqueue."""
    silent = BlockTasks({"myapp.tasks:send_email", "myapp.tasks:send_sms"})
    with airlock.scope(policy=silent):
        airlock.enqueue(send_email)
        airlock.enqueue(send_sms)
        airlock.enqueue(task_a)
    assert names() == ["a"]

    raising = BlockTasks({"send_alert"}, raise_on_enqueue=True)
    with airlock.scope(policy=raising), pytest.raises(PolicyViolation):
        airlock.enqueue(send_alert)


def test_built_in_policies_table() -> None:
    """### Built-in policies: `AssertNoEffects` and `LogOnFlush(logger)` as listed."""
    assert airlock.AssertNoEffects().allows(Intent(task_a)) is False
    assert LogOnFlush(logging.getLogger("audit")).allows(Intent(task_a)) is True


def test_passes_local_policies() -> None:
    """### `Intent.passes_local_policies()`: neither scope policy nor fate counts."""
    with airlock.scope(policy=DropAll()) as s:
        airlock.enqueue(task_a)
        [intent] = s.intents

        assert intent.passes_local_policies()

    assert ran == []


@pytest.mark.parametrize(
    "error",
    [
        airlock.NoScopeError,
        airlock.PolicyEnqueueError,
        airlock.ScopeStateError,
        airlock.PolicyViolation,
    ],
)
def test_errors(error: type[Exception]) -> None:
    """## Errors: all inherit from `AirlockError`."""
    assert issubclass(error, airlock.AirlockError)
