"""Selecting by import path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import airlock

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Distribute: TypeAlias = Callable[..., None]


@pytest.mark.parametrize(
    "path", ["recording.record", "recording:record", "recording:Journal.allows"]
)
def test_an_import_path_may_have_dots_or_a_colon(path: str) -> None:
    """Both spellings are in use; behind a colon attributes may be nested."""
    assert callable(airlock.resolve_executor(path))


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("recording.missing", "AttributeError"),
        ("nowhere.at.all", "ModuleNotFoundError"),
        ("recording:", "AttributeError"),
        (".relative", "ValueError"),
        (":name", "ValueError"),
    ],
)
def test_an_import_path_that_leads_nowhere_says_why(path: str, cause: str) -> None:
    """The module, the attribute and what it needs can each be missing."""
    with pytest.raises(airlock.ImportPathError, match=cause) as caught:
        airlock.resolve_executor(path)

    assert repr(path) in str(caught.value)
    assert isinstance(caught.value, ImportError)


def test_a_module_that_fails_to_import_shows_its_own_error(
    distribute: Distribute,
) -> None:
    """Otherwise a bug in the module looks like a wrong path."""
    distribute("toy", "", toy_module="raise RuntimeError('needs set-up')\n")

    with pytest.raises(airlock.ImportPathError, match="RuntimeError: needs set-up"):
        airlock.resolve_executor("toy_module.run")


def test_a_policy_path_may_lead_to_an_instance(distribute: Distribute) -> None:
    """It is then shared, as its module decided."""
    distribute("toy", "", toy_module="import airlock\nquiet = airlock.DropAll()\n")

    import toy_module  # type: ignore[import-not-found]

    assert airlock.resolve_policy("toy_module.quiet") is toy_module.quiet
