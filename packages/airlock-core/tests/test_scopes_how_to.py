"""The page about scopes shows what its code prints."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGES = [folder / "docs" / "how-to" / "scopes.md" for folder in Path(__file__).parents]
PAGE = next(filter(Path.exists, PAGES), None)


@pytest.mark.skipif(PAGE is None, reason="the documentation is not beside these tests")
def test_each_block_of_the_page_prints_what_stands_below_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In one module, as its reader would type it in."""
    assert PAGE is not None
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(
        r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", text, flags=re.DOTALL
    )
    assert len(blocks) > 5
    shop: dict[str, Any] = {"__name__": "shop"}
    for code, printed in blocks:
        exec(compile(code, "shop.py", "exec"), shop)  # noqa: S102
        assert capsys.readouterr().out == printed
