"""The demo shows what is true, and fails when it is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("rich", reason="the demo prints with rich: add the group `demo`")

SHOP = Path(__file__).parent.parent / "docs/examples/shop"

BROKERS = {
    "redis": "redis://127.0.0.1:6379/0",
    "rabbitmq": "amqp://guest:guest@127.0.0.1:5672//",
}

LEAKY = """
from journal.middleware import JournalMiddleware
from project.settings import *

class Leaky(JournalMiddleware):
    def should_flush(self, request, response):
        super().should_flush(request, response)
        return True

MIDDLEWARE = ["changed.Leaky"]
# What the failing view rolls back would not leave, whatever the middleware says.
AIRLOCK = {**AIRLOCK, "USE_ON_COMMIT": False}
"""

WITHOUT_EXECUTOR = """
from project.settings import *

AIRLOCK = {**AIRLOCK, "TASK_BACKEND": None}
"""

CELERY_WITHOUT_EXECUTOR = """
from project.celery_settings import *

AIRLOCK = {**AIRLOCK, "TASK_BACKEND": None}
"""

WITHOUT_ON_COMMIT = """
from project.settings import *

AIRLOCK = {**AIRLOCK, "USE_ON_COMMIT": False}
"""

# What a script does to a job that it starts in the background.
WITHOUT_SIGINT = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")


def environment(tmp_path: Path, **changes: str) -> dict[str, str]:
    """Return variables under which nothing is left behind unseen."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    return {**os.environ, "TMPDIR": str(temporary), "COLUMNS": "200", **changes}


def play(variables: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """Run the demo to its end."""
    return subprocess.run(
        [sys.executable, "-m", "demo", *options],
        cwd=SHOP,
        env=variables,
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )


def test_every_claim_holds(tmp_path: Path) -> None:
    """What a newcomer sees first is true, legible in a log, and leaves no trace."""
    variables = environment(tmp_path)

    done = play(variables)

    assert (done.returncode, done.stderr) == (0, "")
    assert "claims hold." in done.stdout
    assert "\x1b" not in done.stdout
    assert list(Path(variables["TMPDIR"]).iterdir()) == []


@pytest.mark.parametrize(
    "broker", [pytest.param(name, marks=pytest.mark.service(name)) for name in BROKERS]
)
def test_every_claim_holds_with_celery(tmp_path: Path, broker: str) -> None:
    """The same cases, on a real worker."""
    variables = environment(tmp_path, SHOP_BROKER=BROKERS[broker])

    done = play(variables, "--celery")

    assert (done.returncode, done.stderr) == (0, "")
    assert "claims hold." in done.stdout
    assert list(Path(variables["TMPDIR"]).iterdir()) == []


@pytest.mark.service("redis")
def test_celery_takes_a_broker_that_answers(tmp_path: Path) -> None:
    """Nothing has to be said where there is one in the usual place."""
    (tmp_path / "changed.py").write_text(CELERY_WITHOUT_EXECUTOR)
    variables = environment(
        tmp_path, PYTHONPATH=str(tmp_path), DJANGO_SETTINGS_MODULE="changed"
    )
    variables.pop("SHOP_BROKER", None)

    done = play(variables, "--celery")

    # Played to its end, and broken: without an executor nothing reaches the worker.
    assert (done.returncode, done.stderr) == (1, "")
    assert "after it, the consumer ran both tasks" in done.stdout.partition("do not")[2]


@pytest.mark.parametrize("address", ["amqp://guest:guest@127.0.0.1:1//", "foo://x"])
def test_without_a_broker_celery_says_what_is_missing(
    tmp_path: Path, address: str
) -> None:
    """It is the one thing that the demo cannot bring along."""
    variables = environment(tmp_path, SHOP_BROKER=address)

    done = play(variables, "--celery")

    assert (done.returncode, done.stdout) == (2, "")
    assert f"needs a Redis or RabbitMQ, and none answers: {address[:4]}" in done.stderr
    assert "Start one" in done.stderr
    assert "guest:guest" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "broken"),
    [
        (LEAKY, ["A view that fails: nothing leaves: the consumer ran nothing"]),
        (WITHOUT_EXECUTOR, ["gets no mail: and the warehouse knows the priority"]),
        # Which claim of these cases breaks, the consumer decides: it may be quick.
        (
            WITHOUT_ON_COMMIT,
            ["its effects wait for the commit:", "only the good rows' effects leave:"],
        ),
    ],
    ids=["leaky", "without executor", "without on_commit"],
)
def test_a_shop_that_is_set_up_wrongly_breaks_a_claim(
    tmp_path: Path, settings: str, broken: list[str]
) -> None:
    """The claims are about what the consumer ran, so nothing can hide."""
    (tmp_path / "changed.py").write_text(settings)
    variables = environment(
        tmp_path, PYTHONPATH=str(tmp_path), DJANGO_SETTINGS_MODULE="changed"
    )

    done = play(variables)

    assert (done.returncode, done.stderr) == (1, "")
    verdict = done.stdout.partition("claims do not hold:")[2]
    assert [each for each in broken if each not in " ".join(verdict.split())] == []


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `--serve`, on a leash that ends with the tests; tell its address."""
    with subprocess.Popen(
        [*WITHOUT_SIGINT, sys.executable, "-m", "demo.leash", "demo", "--serve"],
        cwd=SHOP,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout
        address = demo.stdout.readline().split()[5]
        yield demo, address
        demo.terminate()


def test_the_page_tells_why_nothing_left(
    served: tuple[subprocess.Popen[str], str],
) -> None:
    """A request that was rolled back is the one somebody will ask about."""
    _, address = served
    form = b"customer=1&item=kettle&card=stolen"

    with pytest.raises(HTTPError) as failure:
        urlopen(f"{address}orders/", form, timeout=10)  # noqa: S310
    failure.value.close()
    with urlopen(address, timeout=10) as answer:  # noqa: S310
        page = answer.read().decode()

    assert "POST /orders/" in page
    assert "500 PaymentDeclinedError" in page
    assert "2 buffered · 2 discarded · 0 run" in page


def children(process: int) -> list[int]:
    """Return the processes that a process started."""
    found = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in found.read_text().split()]


def is_running(process: int) -> bool:
    """Tell whether a process is still there, and not merely unburied."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to see children")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_served_shop_ends_with_its_processes(
    served: tuple[subprocess.Popen[str], str], end: signal.Signals
) -> None:
    """A consumer that outlives the demo would go on looking at a removed queue."""
    demo, _ = served
    started = children(demo.pid)

    demo.send_signal(end)
    demo.wait(timeout=20)
    deadline = time.monotonic() + 10
    while any(map(is_running, started)) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert len(started) == 2
    assert not any(map(is_running, started))
