"""Shared by the tests that span distributions."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from layout_tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def uv() -> str:
    """The path of uv."""
    found = shutil.which(os.environ.get("UV", "uv"))
    if found is None:
        pytest.skip("uv is not on PATH: run scripts/test, which finds or installs it.")
    return found


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the repository, without what tools left in it, to be changed."""
    root = tmp_path / "airlock"
    junk = shutil.ignore_patterns("__pycache__", ".*", "build", "dist", "*.sqlite3")
    shutil.copytree(ROOT, root, ignore=junk)
    return root
