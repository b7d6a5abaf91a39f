"""The how-to page shows code that runs."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from huey import RedisHuey

import airlock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

HERE = Path(__file__)
PAGES = [folder / "docs" / "how-to" / "huey.md" for folder in HERE.parents]
PAGE = next(filter(Path.exists, PAGES), None)
# The page says two seconds, and these machines are slow.
BOUND = 5.0

pytestmark = pytest.mark.skipif(
    PAGE is None, reason="the documentation is not beside these tests"
)


@contextmanager
def refusing_port() -> Iterator[int]:
    """Refuse connections."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextmanager
def silent_port() -> Iterator[int]:
    """Accept connections, and answer nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def by_keywords(port: int) -> Any:
    """Make the Huey of the last block of the page, but at this port."""
    assert PAGE is not None
    block = PAGE.read_text().rpartition("```python\n")[2].partition("```")[0]
    made: dict[str, Any] = {}
    exec(block.replace("port=6379", f"port={port}"), made)  # noqa: S102 - the page's own code
    return made["huey"]


def by_url(port: int) -> Any:
    """Make the Huey of the sentence after it, but at this port."""
    assert PAGE is not None
    [code] = re.findall(r'`(RedisHuey\("shop", url=.*?\))`', PAGE.read_text())
    code = code.replace("127.0.0.1?", f"127.0.0.1:{port}?")
    return eval(code, {"RedisHuey": RedisHuey})  # noqa: S307 - the page's own code


@pytest.mark.parametrize("connect", [by_keywords, by_url])
@pytest.mark.parametrize(
    ("make_port", "error"),
    [(refusing_port, "ConnectionError"), (silent_port, "TimeoutError")],
)
def test_a_dead_server_fails_the_flush_within_the_bound(
    make_port: Callable[[], AbstractContextManager[int]],
    error: str,
    connect: Callable[[int], Any],
) -> None:
    """The request must neither look successful nor hang: its effects did not leave."""
    redis = pytest.importorskip("redis", reason="RedisHuey needs redis-py")

    with make_port() as port:
        huey = connect(port)
        task = huey.task()(print)
        begin = time.monotonic()
        with pytest.raises(getattr(redis, error)) as caught:  # noqa: SIM117
            with airlock.scope(executor="huey"):
                airlock.enqueue(task, 1)
                airlock.enqueue(task, 2)
        seconds = time.monotonic() - begin
        huey.storage.pool.disconnect()

    [note] = caught.value.__notes__
    assert "Dispatched before it: 0. Not attempted: 1." in note
    assert seconds < BOUND


def test_the_code_of_the_page_queues_what_it_says(tmp_path: Path) -> None:
    """Imported as one module, which it says it is, with warnings as errors."""
    pytest.importorskip("redis", reason="the page shows a RedisHuey")
    assert PAGE is not None
    blocks = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    *before, settings = blocks
    (tmp_path / "yourmodule.py").write_text(
        "\n".join(before)
        + "\nwhile message := huey.dequeue(): huey.execute(message)\n"
        + "print(huey.scheduled_count(), 'scheduled')\n"
        + "huey.storage.close()\n"
        + settings
    )

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import yourmodule"],
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
