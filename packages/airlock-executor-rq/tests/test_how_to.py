"""The how-to page shows code that runs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from rq_page import blocks, needs_page

if TYPE_CHECKING:
    from pathlib import Path

    from rq import Queue

SHOP = """
def send_receipt(order, copy_to=None):
    print("receipt for", order, copy_to)

def archive(order):
    print("archived", order)
"""
REPORT = """
for found in (queue, Queue("slow-name", connection=queue.connection)):
    for job in found.get_jobs():
        print(job.func_name, job.args, job.kwargs, job.timeout)
"""


@needs_page
@pytest.mark.service("redis")
def test_the_code_of_the_page_enqueues_what_it_says(
    queue: Queue, tmp_path: Path
) -> None:
    """Run in order, as one module, with warnings as errors."""
    *shown, settings = blocks()
    text = "\n".join([*shown, REPORT, settings])
    text = text.replace('"default"', repr(queue.name))
    text = text.replace('"slow"', repr(f"{queue.name}-slow"))
    (tmp_path / "shop.py").write_text(SHOP)
    script = tmp_path / "page.py"
    script.write_text(text.replace("slow-name", f"{queue.name}-slow"))

    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "shop.send_receipt (17,) {} 30",
        "shop.send_receipt (17,) {'copy_to': 'accounts@example.org'} 180",
        "shop.archive (17,) {} 600",
    ]
