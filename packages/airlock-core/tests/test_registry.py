"""Selecting by name and by import path, with real distributions on disk."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from recording import Recorder, record

import airlock
from airlock._registry import index
from airlock.integrations.executors.sync import sync_executor

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Distribute: TypeAlias = Callable[..., None]


PLUGIN = "from recording import record\ndef run(intent): record(intent.args)\n"


def test_an_executor_is_found_by_its_entry_point(distribute: Distribute) -> None:
    """Installing a distribution is all it takes."""
    distribute("toy", "[airlock.executors]\ntoy = toy_plugin:run\n", toy_plugin=PLUGIN)

    assert airlock.resolve_executor("toy").__module__ == "toy_plugin"
    with airlock.scope(executor="toy"):
        airlock.enqueue(record, 1)


@pytest.mark.parametrize("spelling", ["toy-box", "toy_box", "Toy-Box", "TOY_BOX"])
def test_dashes_underscores_and_case_are_equal(
    distribute: Distribute, spelling: str
) -> None:
    """Nobody remembers which one a name was written with."""
    distribute(
        "toy", "[airlock.executors]\nToy-box = toy_plugin:run\n", toy_plugin=PLUGIN
    )

    assert airlock.resolve_executor(spelling).__module__ == "toy_plugin"


def test_only_the_chosen_plugin_is_imported(distribute: Distribute) -> None:
    """A broken neighbour must not break those who do not ask for it."""
    distribute(
        "toys",
        "[airlock.executors]\ntoy = toy_plugin:run\nbad = bad_plugin:run\n",
        toy_plugin=PLUGIN,
        bad_plugin="raise RuntimeError('half installed')\n",
    )

    airlock.resolve_executor("toy")

    assert "bad_plugin" not in sys.modules


def test_a_broken_plugin_says_where_it_comes_from(distribute: Distribute) -> None:
    """Distribution, version, target and cause: all that a repair needs."""
    distribute(
        "toys",
        "[airlock.executors]\nbad = bad_plugin:run\n",
        bad_plugin="raise RuntimeError('half installed')\n",
    )

    with pytest.raises(airlock.BrokenPluginError) as caught:
        airlock.resolve_executor("bad")

    assert "from toys 1.2 (bad_plugin:run)" in str(caught.value)
    assert "RuntimeError: half installed" in str(caught.value)
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_an_unknown_name_lists_what_is_installed(distribute: Distribute) -> None:
    """A typo is found by looking at the list."""
    distribute("toy", "[airlock.executors]\ntoy = toy_plugin:run\n")

    with pytest.raises(airlock.UnknownPluginError) as caught:
        airlock.resolve_executor("toi")

    assert "No executor is named 'toi'" in str(caught.value)
    assert "sync, toy" in str(caught.value)
    assert isinstance(caught.value, LookupError)


@pytest.mark.parametrize(
    ("resolve", "name", "distribution"),
    [
        (airlock.resolve_executor, "huey", "airlock-executor-huey"),
        (airlock.resolve_scope, "Django", "airlock-django"),
    ],
)
def test_a_first_party_name_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
    resolve: Callable[[str], object],
    name: str,
    distribution: str,
) -> None:
    """Also with nothing but the core installed."""
    monkeypatch.setattr(index, "read", dict)

    with pytest.raises(airlock.UnknownPluginError, match=f"Install {distribution}"):
        resolve(name)


def test_no_plugin_at_all_reads_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Core run from a source tree has no metadata."""
    monkeypatch.setattr(index, "read", dict)

    with pytest.raises(airlock.UnknownPluginError, match="Installed: none"):
        airlock.resolve_executor("toy")


def test_one_name_claimed_twice_is_an_error(distribute: Distribute) -> None:
    """The standard library would silently take whichever comes first."""
    distribute("toy", "[airlock.executors]\ntoy = toy_plugin:run\n", toy_plugin=PLUGIN)
    distribute("fake", "[airlock.executors]\nTOY = fake_plugin:run\n")

    with pytest.raises(airlock.DuplicatePluginError) as caught:
        airlock.resolve_executor("toy")

    assert "fake 1.2 (fake_plugin:run); toy 1.2 (toy_plugin:run)" in str(caught.value)


def test_a_claimed_name_breaks_only_those_who_ask(distribute: Distribute) -> None:
    """The other names go on working."""
    distribute("toy", "[airlock.executors]\ntoy = toy_plugin:run\n")
    distribute("fake", "[airlock.executors]\ntoy = fake_plugin:run\n")

    assert airlock.resolve_executor("sync") is sync_executor


@pytest.mark.parametrize(
    ("group", "resolve", "expected"),
    [
        ("airlock.executors", airlock.resolve_executor, "takes an Intent"),
        ("airlock.scopes", airlock.resolve_scope, r"subclass of airlock\.Scope"),
        ("airlock.policies", airlock.resolve_policy, "or what makes one"),
    ],
)
def test_a_plugin_of_the_wrong_kind_is_refused(
    distribute: Distribute,
    group: str,
    resolve: Callable[[str], object],
    expected: str,
) -> None:
    """Told at selection, with its source, not at the first effect."""
    distribute("toy", f"[{group}]\ntoy = toy_plugin:wrong\n", toy_plugin="wrong = 3\n")

    with pytest.raises(airlock.PluginTypeError, match=expected) as caught:
        resolve("toy")

    assert "3, from toy 1.2 (toy_plugin:wrong)," in str(caught.value)


@pytest.mark.parametrize("given", ["airlock.Scope", "recording.Recorder", Recorder])
def test_a_class_is_no_executor(given: Any) -> None:
    """Calling it with an intent makes an object, and the effect is lost."""
    with pytest.raises(airlock.PluginTypeError, match="and no class"):
        airlock.resolve_executor(given)


def test_a_policy_that_needs_arguments_has_no_name() -> None:
    """The error says that, and not only that an argument is missing."""
    with pytest.raises(airlock.PluginTypeError, match="without arguments") as caught:
        airlock.scope("airlock.BlockTasks")

    assert "'airlock.BlockTasks' is not a usable policy" in str(caught.value)


def test_what_a_policy_maker_makes_must_be_a_policy(distribute: Distribute) -> None:
    """A factory is called, and its product looked at."""
    distribute("toy", "[airlock.policies]\ntoy = builtins:dict\n")

    with pytest.raises(airlock.PluginTypeError, match=r"\{\} is not a usable policy"):
        airlock.resolve_policy("toy")


def test_objects_are_taken_as_they_are() -> None:
    """Names are a convenience, not a requirement."""
    executor, policy = Recorder(), airlock.DropAll()

    assert airlock.resolve_executor(executor) is executor
    assert airlock.resolve_policy(policy) is policy
    assert airlock.resolve_scope(airlock.Scope) is airlock.Scope


@pytest.mark.parametrize(
    ("resolve", "given"),
    [
        (airlock.resolve_executor, 3),
        (airlock.resolve_scope, 3),
        (airlock.resolve_scope, dict),
        (airlock.resolve_policy, 3),
        (airlock.resolve_policy, airlock.DropAll),
    ],
)
def test_an_object_of_the_wrong_kind_is_refused(
    resolve: Callable[[object], object], given: object
) -> None:
    """The class instead of an instance is the likely mistake."""
    with pytest.raises(airlock.PluginTypeError, match="not a usable"):
        resolve(given)


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("allow_all", airlock.AllowAll),
        ("drop_all", airlock.DropAll),
        ("Assert-No-Effects", airlock.AssertNoEffects),
        ("log_on_flush", airlock.LogOnFlush),
        ("airlock.DropAll", airlock.DropAll),
        ("airlock:DropAll", airlock.DropAll),
    ],
)
def test_policies_have_names(name: str, policy: type[airlock.Policy]) -> None:
    """Settings files and command lines hold strings."""
    assert type(airlock.resolve_policy(name)) is policy


def test_a_policy_name_makes_a_new_policy_each_time() -> None:
    """Stateful policies must not be shared between scopes by accident."""
    assert airlock.resolve_policy("drop_all") is not airlock.resolve_policy("drop_all")


def test_scope_classes_have_names() -> None:
    """As executors and policies do."""
    assert airlock.resolve_scope("scope") is airlock.Scope
    assert type(airlock.scope(_cls="airlock:Scope")) is airlock.Scope
    assert type(airlock.scope("drop_all", executor="sync")) is airlock.Scope


def test_a_distribution_without_metadata_is_called_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Entry points made by hand belong to no distribution."""
    from importlib.metadata import EntryPoint

    entry = EntryPoint("toy", "nowhere:run", "airlock.executors")
    monkeypatch.setattr(index, "read", lambda: {("airlock.executors", "toy"): [entry]})

    with pytest.raises(airlock.BrokenPluginError, match=r"from unknown \(nowhere:run"):
        airlock.resolve_executor("toy")


def test_the_index_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scanning metadata costs more than all of airlock."""
    import importlib.metadata

    index.forget()
    airlock.resolve_executor("sync")
    monkeypatch.setattr(importlib.metadata, "entry_points", None)

    assert airlock.resolve_executor("sync") is sync_executor
    index.forget()


@pytest.mark.parametrize(
    ("resolve", "known"),
    [
        (airlock.resolve_executor, "an_executor"),
        (airlock.resolve_scope, "a_scope"),
        (airlock.resolve_policy, "a_policy"),
    ],
)
def test_an_unknown_name_lists_what_is_of_its_kind(
    resolve: Callable[[str], object], known: str, distribute: Distribute
) -> None:
    """Another kind would not help."""
    mine = {"an_executor", "a_scope", "a_policy"}
    distribute(
        "toy",
        "[airlock.executors]\nan_executor = toy_plugin:run\n"
        "[airlock.scopes]\na_scope = toy_plugin:run\n"
        "[airlock.policies]\na_policy = toy_plugin:run\n",
    )

    with pytest.raises(airlock.UnknownPluginError) as caught:
        resolve("toi")

    assert {name for name in mine if name in str(caught.value)} == {known}
