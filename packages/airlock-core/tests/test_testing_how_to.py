"""The how-to page shows tests that pass."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = [
    folder / "docs" / "how-to" / "test-effects.md" for folder in Path(__file__).parents
]
PAGE = next(filter(Path.exists, PAGES), None)


@pytest.mark.skipif(PAGE is None, reason="the documentation is not beside these tests")
def test_the_tests_of_the_page_pass(tmp_path: Path) -> None:
    """As one file, under a pytest of its own with warnings as errors."""
    assert PAGE is not None
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "test_page.py").write_text("\n".join(blocks), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d+ passed, \d+ skipped", done.stdout, re.MULTILINE)
    tests = len(re.findall(r"^def test_", "\n".join(blocks), re.MULTILINE))
    assert tests == 4
