"""The shop on real processes: a server, a consumer and a payment provider."""

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.db.models import QuerySet
from django.utils import timezone

from demo.child import ROOT, Child, DemoError
from demo.provider import Provider
from journal.models import Boundary, Effect, Run
from journal.tasks import mark
from queues.choice import queue

DEADLINE = 30
# More runs of one call than any case asks for: that call sets itself off.
MOST_RUNS = 5


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
        try:
            return self._send(Request(self.url + path, urlencode(form).encode()))
        except OSError as error:
            self.check()
            raise DemoError(f"POST /{path} was not answered: {error}") from error

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
            error = done.stderr.strip().rpartition("\n")[2]
            raise DemoError(
                f"`manage.py {' '.join(arguments)}` ended with status "
                f"{done.returncode}: {error}"
            )
        return at, done.stdout.strip()

    def news(self) -> News:
        """Wait until the consumer has run all there is, and tell of it.

        Raises:
            DemoError: If that does not come to an end.
        """
        self._wait_until_idle()
        boundaries = list(
            Boundary.objects.filter(pk__gt=self._seen_boundary).order_by("pk")
        )
        runs = list(self._new_runs())
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

    def _wait_until_idle(self) -> None:
        marker = queue.send(mark)
        for _ in self._patiently("the consumer to run what is queued"):
            if _has_run(marker) and not _unfinished_effects().exists():
                return
            self._refuse_circle()

    def _refuse_circle(self) -> None:
        for call, count in Counter(run.call for run in self._new_runs()).items():
            if count > MOST_RUNS:
                raise DemoError(
                    f"{call} ran {count} times, and was expected to run once. Look for "
                    f"a task that sets itself off again."
                )

    def _new_runs(self) -> QuerySet[Run]:
        # Markers are no part of the case.
        runs = Run.objects.filter(pk__gt=self._seen_run).exclude(call="mark()")
        return runs.order_by("pk")

    def _patiently(self, event: str) -> Iterator[None]:
        start = time.monotonic()
        while time.monotonic() - start < DEADLINE:
            self.check()
            yield
            time.sleep(0.02)
        raise DemoError(
            f"Waited {DEADLINE} s for {event}, in vain. {queue.pending()} tasks "
            f"are in the queue, {Run.objects.count()} were run. Run the demo on a "
            f"machine that is less busy."
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
        cleanup.callback(queue.remove)
        children = []
        for name, command in {
            "consumer": queue.CONSUMER,
            "server": ("manage", "runserver", "--noreload", address),
        }.items():
            children.append(Child(*command, log=data / f"{name}.log"))
            cleanup.callback(children[-1].stop)
        stage = Stage(f"http://{address}/", provider, tuple(children))
        stage.wait_until_up()
        yield stage


def _has_run(queue_id: str) -> bool:
    return Run.objects.filter(queue_id=queue_id).exclude(ended_at=None).exists()


def _unfinished_effects() -> QuerySet[Effect]:
    """Return what a task may have sent while it ran, and after the marker."""
    ended = Run.objects.exclude(ended_at=None).values("queue_id")
    return Effect.objects.exclude(queue_id="").exclude(queue_id__in=ended)


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
