"""`configure()` and its reset, and `scoped()`."""

from __future__ import annotations

import asyncio

import pytest
from recording import Recorder, ran, record

import airlock
from airlock import Scope


class Special(Scope):
    """A scope class to be recognised."""


def test_configured_defaults_apply_where_nothing_is_said(executor: Recorder) -> None:
    """One line at start-up instead of an argument at every scope."""
    with (
        airlock.configure(executor=executor, scope=Special, policy="allow_all"),
        airlock.scope() as s,
    ):
        airlock.enqueue(record, 1)

    assert type(s) is Special
    assert executor.values == [1]


def test_an_argument_wins_over_the_configuration(executor: Recorder) -> None:
    """The nearest statement decides."""
    with (
        airlock.configure(executor="sync", scope=Special, policy=airlock.DropAll()),
        airlock.scope(airlock.AllowAll(), executor=executor, _cls=Scope) as s,
    ):
        airlock.enqueue(record, 1)

    assert type(s) is Scope
    assert executor.values == [1]


def test_reset_withdraws_only_its_own_call(executor: Recorder) -> None:
    """Two frameworks may configure one process, and leave in any order."""
    first = airlock.configure(executor=executor)
    second = airlock.configure(scope=Special)

    first.reset()
    with airlock.scope() as s:
        airlock.enqueue(record, 1)
    second.reset()

    assert type(s) is Special
    assert executor.intents == []
    assert ran == [1]
    assert type(airlock.scope()) is Scope


def test_the_latest_configuration_wins() -> None:
    """A test overrides what the application configured."""
    with airlock.configure(scope=Scope), airlock.configure(scope=Special):
        assert type(airlock.scope()) is Special


def test_resetting_twice_does_no_harm() -> None:
    """Fixtures and `with` may both do it."""
    configured = airlock.configure(scope=Special)
    configured.reset()
    configured.reset()

    assert type(airlock.scope()) is Scope


def test_names_are_looked_up_when_a_scope_opens() -> None:
    """A plugin need not be importable when the process starts."""
    with (
        airlock.configure(executor="nowhere"),
        pytest.raises(airlock.UnknownPluginError, match="nowhere"),
    ):
        airlock.scope()


@pytest.mark.parametrize(
    "given", [{"policy": airlock.DropAll}, {"executor": 3}, {"scope": 3}]
)
def test_impossible_values_are_refused_at_once(given: dict[str, object]) -> None:
    """The error belongs to start-up, not to the first request."""
    with pytest.raises(airlock.PluginTypeError):
        airlock.configure(**given)  # type: ignore[arg-type]


def test_what_makes_a_scope_must_make_one() -> None:
    """Otherwise the error would be about a missing context manager."""
    with pytest.raises(airlock.PluginTypeError, match="to make a scope"):
        airlock.scope(_cls=lambda *_, **__: None)  # type: ignore[type-var]


def make_special(policy: str, *, executor: None) -> Special:
    """Decide at run time which class it is, as frameworks do."""
    return Special(policy, executor=executor)


def test_what_makes_a_scope_may_be_a_function() -> None:
    """Itself, or an import path that leads to it."""
    assert type(airlock.scope("drop_all", _cls=make_special)) is Special


def test_a_scoped_function_flushes_when_it_returns(executor: Recorder) -> None:
    """The decorator is the `with` statement around the body."""

    @airlock.scoped(executor=executor)
    def place(order: int, *, vip: bool) -> str:
        """Place an order."""
        airlock.enqueue(record, order)
        return f"{order} {vip} {executor.values}"

    assert place(1, vip=True) == "1 True []"
    assert place.__doc__ == "Place an order."
    assert place(2, vip=False) == "2 False [1]"
    assert executor.values == [1, 2]


def test_a_scoped_function_discards_when_it_raises(executor: Recorder) -> None:
    """As the `with` statement does."""

    @airlock.scoped(executor=executor)
    def fail() -> None:
        airlock.enqueue(record, 1)
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        fail()

    assert executor.intents == []


def test_scoped_takes_what_scope_takes(executor: Recorder) -> None:
    """Policy and class too, by name or as objects."""

    @airlock.scoped("drop_all", executor=executor, _cls=Special)
    def attempt() -> Scope | None:
        airlock.enqueue(record, 1)
        return airlock.get_current_scope()

    assert type(attempt()) is Special
    assert executor.intents == []


def test_scoped_without_parentheses_is_explained() -> None:
    """The function would be taken for a policy, and never called."""
    with pytest.raises(airlock.ArgumentError, match=r"@airlock\.scoped\(\)"):

        @airlock.scoped  # type: ignore[arg-type]
        def place() -> None: ...


def test_scoped_refuses_a_wrong_policy_where_it_is_written() -> None:
    """Not at the first call, in production."""
    with pytest.raises(airlock.PluginTypeError, match=r"such as DropAll\(\)"):
        airlock.scoped(airlock.DropAll)  # type: ignore[arg-type]


def test_scoped_refuses_what_is_no_function() -> None:
    """At the line of the decorator."""
    with pytest.raises(airlock.ArgumentError, match="got 3"):
        airlock.scoped()(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["verify", "call_sites"])
def test_a_switch_is_true_or_false(name: str) -> None:
    """A "no" from an environment variable would switch it on."""
    with pytest.raises(airlock.ArgumentError, match=rf"{name}=...\) got 'no'"):
        airlock.configure(**{name: "no"})  # type: ignore[arg-type]


def test_scopes_of_concurrent_tasks_do_not_mix() -> None:
    """Each asyncio task has its own context, and so its own scope."""

    async def handle(number: int) -> list[object]:
        executor = Recorder()
        with airlock.scope(executor=executor):
            for _ in range(5):
                airlock.enqueue(record, number)
                await asyncio.sleep(0)
        return executor.values

    async def main() -> list[list[object]]:
        return list(await asyncio.gather(*map(handle, range(50))))

    assert asyncio.run(main()) == [[number] * 5 for number in range(50)]


@pytest.mark.parametrize("wrong", [{"executor": dict}, {"scope": dict}])
def test_what_can_be_none_is_refused_at_once(wrong: dict[str, type]) -> None:
    """Not at each scope that opens later."""
    with pytest.raises(airlock.PluginTypeError, match="dict"):
        airlock.configure(**wrong)  # type: ignore[arg-type]


def test_verify_is_true_or_false() -> None:
    """A text would count as True."""
    with pytest.raises(airlock.ArgumentError, match="True or False"):
        airlock.scope(verify="off")  # type: ignore[call-overload]
