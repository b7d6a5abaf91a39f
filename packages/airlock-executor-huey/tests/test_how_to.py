"""The how-to page shows code that runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__)
PAGES = [folder / "docs" / "how-to" / "huey.md" for folder in HERE.parents]
PAGE = next(filter(Path.exists, PAGES), None)


@pytest.mark.skipif(PAGE is None, reason="the documentation is not beside these tests")
def test_the_code_of_the_page_queues_what_it_says(tmp_path: Path) -> None:
    """Run in order, as one module, with warnings as errors."""
    pytest.importorskip("redis", reason="the page shows a RedisHuey")
    assert PAGE is not None
    blocks = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    *before, settings = blocks
    script = tmp_path / "page.py"
    script.write_text(
        "\n".join(before)
        + "\nwhile message := huey.dequeue(): huey.execute(message)\n"
        + "print(huey.scheduled_count(), 'scheduled')\n"
        + "huey.storage.close()\n"
        + settings
    )

    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "order 17 is high",
        "receipt for 17",
        "receipt for 17",
        "receipt for 17",
        "archived 17",
        "1 scheduled",
    ]
