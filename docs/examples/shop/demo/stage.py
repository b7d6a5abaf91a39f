"""The shop on real processes: a server, a consumer and a payment provider."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.utils import timezone
from huey.contrib.djhuey import HUEY

from demo.child import ROOT, Child, DemoError
from demo.provider import Provider
from journal.models import Boundary, Run

DEADLINE = 30
# Several times as long as the consumer sleeps between two looks at its queue.
QUIET = 0.5


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the server."""

    at: datetime
    status: int
    text: str


@dataclass(frozen=True, slots=True)
class News:
    """What happened since the last time: scopes that ended, tasks that ran."""

    boundaries: list[Boundary]
    runs: list[Run]

    @property
    def ran(self) -> list[str]:
        """The tasks that the consumer ran, in order."""
        return [run.call for run in self.runs]

    @property
    def outcomes(self) -> list[str]:
        """What those tasks returned, or the error they failed with."""
        return [run.outcome for run in self.runs]


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Leave the answer as it is: where it leads is not part of the case."""


class Stage:
    """The running shop."""

    def __init__(
        self, url: str, provider: Provider, children: tuple[Child, ...]
    ) -> None:
        self.url = url
        self.provider = provider
        self._children = children
        self._opener = build_opener(_NoRedirect)
        self._seen_boundary = 0
        self._seen_run = 0

    def post(self, path: str, **form: str) -> Reply:
        """Send a form."""
        return self._send(Request(self.url + path, urlencode(form).encode()))

    def manage(self, *arguments: str) -> tuple[datetime, str]:
        """Run a management command; return when it began and what it printed."""
        at = timezone.now()
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            capture_output=True,
            check=False,
            text=True,
        )
        if done.returncode:
            raise DemoError(
                f"`manage.py {' '.join(arguments)}` ended with status "
                f"{done.returncode}:\n{done.stderr}"
            )
        return at, done.stdout.strip()

    def news(self) -> News:
        """Wait until the consumer has had nothing to do for a while."""
        self._wait_until_quiet()
        boundaries = list(
            Boundary.objects.filter(pk__gt=self._seen_boundary).order_by("pk")
        )
        runs = list(Run.objects.filter(pk__gt=self._seen_run).order_by("pk"))
        self._seen_boundary = max(
            (b.pk for b in boundaries), default=self._seen_boundary
        )
        self._seen_run = max((r.pk for r in runs), default=self._seen_run)
        return News(boundaries, runs)

    def check(self) -> None:
        """Raise `DemoError` if a process has ended by itself."""
        for child in self._children:
            child.check()

    def wait_until_up(self) -> None:
        """Wait for the server's first answer."""
        for _ in self._patiently("the server to answer"):
            with suppress(OSError):
                self._send(Request(self.url))
                return

    def _wait_until_quiet(self) -> None:
        last, since = -1, time.monotonic()
        for _ in self._patiently("the queue to be empty"):
            now, count = time.monotonic(), Run.objects.count()
            if _is_busy() or count != last:
                last, since = count, now
            elif now - since > QUIET:
                return

    def _patiently(self, event: str) -> Iterator[None]:
        start = time.monotonic()
        while time.monotonic() - start < DEADLINE:
            self.check()
            yield
            time.sleep(0.02)
        raise DemoError(
            f"Waited {DEADLINE} s for {event}, in vain. {HUEY.pending_count()} tasks "
            f"are in the queue, {Run.objects.count()} were run. Look for a task that "
            f"sets itself off again, or run the demo on a machine that is less busy."
        )

    def _send(self, request: Request) -> Reply:
        at = timezone.now()
        try:
            answer = self._opener.open(request, timeout=DEADLINE)
        except HTTPError as error:
            answer = error
        with answer:
            return Reply(at, answer.status, answer.read().decode())


@contextmanager
def open_stage(data: Path, port: int | None) -> Iterator[Stage]:
    """Start everything, yield the stage, and end everything whatever happens."""
    with ExitStack() as cleanup:
        provider = cleanup.enter_context(Provider())
        os.environ["SHOP_PAYMENT_URL"] = provider.url
        address = f"127.0.0.1:{_free_port(port)}"
        children = []
        for name, command in {
            "consumer": ("run_huey", "--delay=0.05", "--max-delay=0.1"),
            "server": ("runserver", "--noreload", address),
        }.items():
            children.append(Child(*command, log=data / f"{name}.log"))
            cleanup.callback(children[-1].stop)
        stage = Stage(f"http://{address}/", provider, tuple(children))
        stage.wait_until_up()
        yield stage


def _is_busy() -> bool:
    return bool(
        HUEY.pending_count()
        or HUEY.scheduled_count()
        or Run.objects.filter(ended_at=None).exists()
    )


def _free_port(wanted: int | None) -> int:
    with socket.socket() as probe:
        # As the server does: a port that was in use a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError as error:
            raise DemoError(
                f"Port {wanted} cannot be used: {error.strerror}. Choose another "
                f"--port, or leave it out and get a free one."
            ) from error
        port: int = probe.getsockname()[1]
    return port
