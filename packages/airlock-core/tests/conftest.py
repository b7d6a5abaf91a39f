"""Shared by all tests of the core."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from airlock._context import current_scope
from airlock._registry import index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The tests import `recording` wherever this folder lies, also beside a wheel.
sys.path.insert(0, str(Path(__file__).parent))

from recording import Recorder, ran

# What `scripts/test --thorough` sets.
IS_THOROUGH = os.environ.get("AIRLOCK_THOROUGH") == "1"
settings.register_profile(
    "model",
    max_examples=500 if IS_THOROUGH else 300,
    stateful_step_count=80 if IS_THOROUGH else 40,
    # Other histories in every run, also where Hypothesis finds itself in CI.
    derandomize=False,
    print_blob=True,
    # A busy machine is no mistake of airlock's.
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def _nothing_ran_yet() -> None:
    ran.clear()


@pytest.fixture(autouse=True)
def _threads_switch_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture(autouse=True)
def _nothing_closed_is_left_current() -> Iterator[None]:
    # Where a test ends a scope from elsewhere, its own place stays closed.
    before = current_scope.get()
    yield
    current_scope.set(before)


@pytest.fixture
def executor() -> Recorder:
    """An executor that keeps what it is given."""
    return Recorder()


@pytest.fixture
def distribute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., None]]:
    """Install distributions: metadata and modules in a folder on the path."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(name: str, entry_points: str, **modules: str) -> None:
        info = tmp_path / f"{name.replace('-', '_')}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(entry_points)
        for module, source in modules.items():
            (tmp_path / f"{module}.py").write_text(source)
        index.forget()

    index.forget()
    before = set(sys.modules)
    yield install
    for module in set(sys.modules) - before:
        del sys.modules[module]
    index.forget()
