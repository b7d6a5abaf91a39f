"""The how-to page shows code that runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__)
PAGES = [folder / "docs" / "how-to" / "celery.md" for folder in HERE.parents]
PAGE = next(filter(Path.exists, PAGES), None)

AFTERWARDS = """
from worker_memory import queued

@app.task(base=QuietTask)
def enqueue_quietly():
    airlock.enqueue(send_receipt, "nobody")

enqueue_quietly.apply()
process_order.apply((3,))
close_order.apply((4,))
for message in queued(app):
    print(message.task.rpartition(".")[2], *message.args)
"""


@pytest.mark.skipif(PAGE is None, reason="the documentation is not beside these tests")
def test_the_code_of_the_page_sends_what_it_says(tmp_path: Path) -> None:
    """Run in order, as one module."""
    assert PAGE is not None
    blocks = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    script = tmp_path / "page.py"
    text = "\n".join(blocks).replace("redis://127.0.0.1", "memory://")
    script.write_text(text + AFTERWARDS)

    done = subprocess.run(
        [sys.executable, "-W", "always::DeprecationWarning", str(script)],
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "send_receipt 17",
        "send_receipt 1",
        "send_receipt 2",
        "send_invoice 17",
        "send_receipt 17",
        "send_receipt 17",
        "send_receipt 3",
        "send_receipt 4",
    ]
    assert done.stderr.count("DeprecationWarning: ") == 4
