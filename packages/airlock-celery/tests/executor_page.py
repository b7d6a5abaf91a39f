"""The code on the how-to page, which the tests run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_NAME = "celery-options-and-timeouts.md"
_PAGES = [folder / "docs" / "how-to" / _NAME for folder in Path(__file__).parents]
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


def settings(key: str, value: str) -> str:
    """Return the block that sets a setting to what begins like this."""
    [found] = [block for block in blocks() if f'{key}="{value}' in block]
    return found
