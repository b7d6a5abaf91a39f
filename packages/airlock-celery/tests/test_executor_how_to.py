"""The how-to page shows code that runs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from executor_page import blocks, needs_page

if TYPE_CHECKING:
    from pathlib import Path

REPORT = """
import json
with app.connection_for_read() as connection:
    for name in ("celery", "mail"):
        queue = app.amqp.queues[name].bind(connection.default_channel)
        queue.declare()
        while message := queue.get(no_ack=True):
            headers = message.headers
            print(name, headers["task"], *json.loads(message.body)[:2], headers["id"])
"""


@needs_page
def test_the_code_of_the_page_queues_what_it_says(tmp_path: Path) -> None:
    """Run in order, as one module, with warnings as errors."""
    # The settings for brokers that fail are run where brokers fail.
    shown = [block for block in blocks() if "app.conf.update" not in block]
    script = tmp_path / "page.py"
    text = "\n".join(shown) + REPORT
    script.write_text(text.replace("redis://127.0.0.1:6379/0", "memory://"))

    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    lines = [line.rpartition(" ") for line in done.stdout.splitlines()]
    assert [line for line, _, _ in lines] == [
        "celery shop.send_receipt [17] {'copy_to': 'accounts@example.org'}",
        "celery shop.send_receipt [17] {}",
        "celery shop.archive [17] {}",
        "mail shop.send_receipt [17] {}",
    ]
    assert lines[-1][2] == "receipt-17"
