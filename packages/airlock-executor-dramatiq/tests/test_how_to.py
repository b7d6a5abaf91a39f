"""The how-to page shows code that runs."""

from __future__ import annotations

import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import pytest
from dramatiq_page import blocks, needs_page
from real_broker import clear

if TYPE_CHECKING:
    from pathlib import Path

# Whatever is left in the queues, as a worker would run it.
REPORT = """
def run_all():
    while True:
        consumer = broker.consume("default", prefetch=1, timeout=10)
        message = next(consumer)
        if message is None:
            return
        consumer.ack(message)
        broker.get_actor(message.actor_name)(*message.args, **message.kwargs)
        if follower := message.options.get("pipe_target"):
            print("then", follower["actor_name"], follower["args"])

run_all()
print(broker.do_qsize("default"), "delayed")
"""


@needs_page
@pytest.mark.service("redis")
def test_the_code_of_the_page_sends_what_it_says(tmp_path: Path) -> None:
    """Run in order, as one module, with warnings as errors."""
    pytest.importorskip("redis")
    pytest.importorskip("pika")
    name = f"airlock-{uuid.uuid4().hex}"
    *shown, redis, rabbitmq = blocks()
    script = tmp_path / "page.py"
    own = shown[0].replace("6379/0", f'6379/0", namespace="{name}')
    script.write_text("\n".join([own, *shown[1:], REPORT, redis, rabbitmq]))

    try:
        done = subprocess.run(
            [sys.executable, "-W", "error", str(script)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        clear("redis", name, set())

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "receipt for 17",
        "receipt for 17",
        "then archive [17]",
        "receipt for 18",
        "receipt for 19",
        "receipt for 17",
        "rank 17 high",
        "1 delayed",
    ]
