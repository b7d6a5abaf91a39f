"""The README's code, run as a reader would run it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import airlock

README = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
PAIN, CURE, CONTEXTS, QUICK_START, DJANGO = re.findall(
    r"```python\n(.*?)```", README, flags=re.DOTALL
)


def run(*blocks: str) -> list[tuple[str, int]]:
    """Run blocks in one namespace; return the effects that happened."""
    happened: list[tuple[str, int]] = []

    def notify_warehouse(order: int) -> None:
        happened.append(("warehouse", order))

    def send_confirmation(order: int) -> None:
        happened.append(("mail", order))

    class Stored:
        id = 7

        def save(self) -> None: ...

    names: dict[str, Any] = {
        "airlock": airlock,
        "notify_warehouse": notify_warehouse,
        "send_confirmation": send_confirmation,
        "Stored": Stored,
    }
    for block in blocks:
        exec(block.replace("class Order:", "class Order(Stored):"), names)  # noqa: S102
    return happened


def test_the_pain_escapes_at_once() -> None:
    """Otherwise there would be nothing to cure."""
    assert run(PAIN, "Order().process()") == [("warehouse", 7), ("mail", 7)]


def test_the_cure_needs_a_scope() -> None:
    """The effect has nowhere to escape to."""
    with pytest.raises(airlock.NoScopeError):
        run(CURE, "Order().process()")


def test_the_context_decides_what_leaves() -> None:
    """A request sends both, a migration none, support one, the import both."""
    assert run(CURE, "order = Order()", CONTEXTS) == [
        ("warehouse", 7),
        ("mail", 7),
        ("warehouse", 7),
        ("warehouse", 7),
        ("mail", 7),
    ]


def test_the_quick_start_prints_what_it_promises(tmp_path: Path) -> None:
    """It is the first thing that a reader types."""
    script = tmp_path / "shop.py"
    script.write_text(QUICK_START, encoding="utf-8")

    shown = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True
    ).stdout

    assert shown.splitlines()[:-1] == [
        "Effects leave when the scope ends:",
        "  placed: order 1",
        "  placed: order 2",
        "  sent: receipt for order 1",
        "  sent: receipt for order 2",
        "When it fails, nothing leaves:",
        "  placed: order 3",
        "  failed: payment declined",
        "A region can be silent, and the buffer can be looked at:",
        "  placed: order 4",
        "  placed: order 5",
        "  waiting: __main__:send_receipt (4,) True",
        "  waiting: __main__:send_receipt (5,) False",
        "  sent: receipt for order 4",
        "Outside a scope there is an error, and no silent escape:",
        "  placed: order 6",
    ]
    assert "enqueue(__main__:send_receipt) was called outside a scope" in shown


def test_the_django_settings_are_accepted(tmp_path: Path) -> None:
    """The middleware, the application and the queue's name all resolve."""
    settings = tmp_path / "readme_settings.py"
    settings.write_text("SECRET_KEY = 'readme'\n" + DJANGO, encoding="utf-8")
    program = (
        "import django; django.setup()\n"
        "from django.core.handlers.wsgi import WSGIHandler; WSGIHandler()\n"
        "import airlock; print(type(airlock.scope()).__name__)"
    )

    shown = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"DJANGO_SETTINGS_MODULE": "readme_settings", "PATH": ""},
    ).stdout

    assert shown == "DjangoScope\n"
