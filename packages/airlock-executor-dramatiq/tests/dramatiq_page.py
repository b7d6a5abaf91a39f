"""The code on the how-to page, which the tests run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import dramatiq
import pytest

_PAGES = [
    folder / "docs" / "how-to" / "dramatiq.md" for folder in Path(__file__).parents
]
PAGE = next(filter(Path.exists, _PAGES), None)
PORTS = {"redis": 6379, "rabbitmq": 5672}
_CLASSES = {"redis": "RedisBroker(\n", "rabbitmq": "RabbitmqBroker(\n"}

needs_page = pytest.mark.skipif(
    PAGE is None, reason="the documentation is not beside these tests"
)


def blocks() -> list[str]:
    """Return the code of the page, block by block."""
    if PAGE is None:
        return []
    text = PAGE.read_text()
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def settings(kind: str) -> str:
    """Return the block that bounds the waiting for this broker."""
    [found] = [block for block in blocks() if _CLASSES[kind] in block]
    return found


def broker_of_the_page(kind: str, *, port: int, **instead: str) -> Any:
    """Make the broker of the page, but at this port.

    Args:
        kind: Which broker.
        port: Where it is, or what is in its way.
        instead: What a test changes, or adds: `heartbeat="1"`.
    """
    pytest.importorskip("redis" if kind == "redis" else "pika")
    block = settings(kind).replace(f"port={PORTS[kind]}", f"port={port}")
    for name, value in instead.items():
        block = re.sub(rf" {name}=[^,]*,", "", block)
        block = block.replace("(\n", f"(\n    {name}={value},\n", 1)
    made: dict[str, Any] = {}
    before = dramatiq.get_broker()
    try:
        exec(block, made)  # noqa: S102 - the page's own code
    finally:
        dramatiq.set_broker(before)
    return made["broker"]
