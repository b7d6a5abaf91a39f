"""The page "Give management commands a scope": its code does what it says."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from bakery.models import Order
from bakery.tasks import deliver
from django.core.management import call_command
from pages import blocks
from test_manage import SETTINGS, Project

import airlock

if TYPE_CHECKING:
    from pathlib import Path

BLOCKS = blocks("django-commands.md")

pytestmark = pytest.mark.skipif(not BLOCKS, reason="the page is not beside these tests")


@pytest.mark.django_db(transaction=True)
def test_the_decorated_command(baked: list[str]) -> None:
    """And its plan."""
    names: dict[str, Any] = {"airlock": airlock, "deliver": deliver, "Order": Order}
    exec(BLOCKS[0], names)  # noqa: S102
    out = StringIO()

    call_command(names["Command"](), "--dry-run", stdout=out)
    assert baked == []
    call_command(names["Command"](), stdout=out)

    assert [out.getvalue()] == blocks("django-commands.md", "text")
    assert baked == ["rye", "spelt", "deliver all of it"]


def test_the_settings_and_manage_py(tmp_path: Path) -> None:
    """As a project has them."""
    project = Project(tmp_path)
    (tmp_path / "mill/settings.py").write_text(SETTINGS + BLOCKS[1])
    (tmp_path / "manage.py").write_text(BLOCKS[2])

    def manage(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=project.folder,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert "ground" not in manage("migrate")
    assert "ground" not in manage("loaddata", "flour.json")
    assert manage("grind") == "grinding\nground spelt\n"


def test_the_page_has_blocks() -> None:
    """Otherwise nothing was tested."""
    assert len(BLOCKS) == 3
