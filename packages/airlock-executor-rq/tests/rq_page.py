"""The code on the how-to page, which the tests run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

_PAGES = [folder / "docs" / "how-to" / "rq.md" for folder in Path(__file__).parents]
PAGE = next(filter(Path.exists, _PAGES), None)

needs_page = pytest.mark.skipif(
    PAGE is None, reason="the documentation is not beside these tests"
)


def blocks() -> list[str]:
    """Return the code of the page, block by block."""
    if PAGE is None:
        return []
    text = PAGE.read_text()
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def queue_of_the_page(name: str, port: int) -> Any:
    """Make the queue whose waiting is bounded, but of this name and at this port."""
    [block] = [block for block in blocks() if "socket_timeout" in block]
    block = block.replace("port=6379", f"port={port}").replace('"default"', repr(name))
    made: dict[str, Any] = {}
    exec(block, made)  # noqa: S102 - the page's own code
    return made["queue"]
