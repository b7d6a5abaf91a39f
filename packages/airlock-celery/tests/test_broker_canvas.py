"""Canvases arrive complete at a real worker."""

# Celery is untyped, and so are its decorators.
# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from broker_app import broker_app, url
from broker_worker import LIMIT, worker
from celery import chain, chord, group
from executor_app import add, flush, make_task

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.service("redis"),
    # Celery's result backend calls what redis-py 8 deprecates.
    pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning"),
]


class Shop:
    """Tasks that add, and one that says what came out."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.add = make_task(app, add)
        self.results: list[Any] = []
        self._is_done = threading.Event()

        @app.task(name="airlock.tell", shared=False)
        def tell(result: Any) -> None:
            self.results.append(result)
            self._is_done.set()

        self.tell = tell

    def wait(self) -> list[Any]:
        """Let a worker run everything, and return what was told."""
        with worker(self.app):
            assert self._is_done.wait(LIMIT), "the canvas does not come to its end"
        return self.results


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Return tasks whose results Redis keeps."""
    # One for all threads: that of a worker would not be closed.
    settings: dict[str, Any] = {
        "result_backend": url("redis"),
        "result_backend_thread_safe": True,
    }
    with broker_app("redis", **settings) as app:
        yield Shop(app)


def test_a_chain_runs_to_its_end(shop: Shop) -> None:
    """Each step is given the result of the one before."""
    flush((chain(shop.add.s(1), shop.add.s(2), shop.tell.s()), 10))

    assert shop.wait() == [13]


def test_a_chord_runs_its_body_with_all_results(shop: Shop) -> None:
    """Once, when the last of the header is done."""
    flush((chord([shop.add.s(1, 1), shop.add.s(2, 2)], shop.tell.s()),))

    assert shop.wait() == [[2, 4]]


def test_a_group_in_a_chain_runs_to_its_end(shop: Shop) -> None:
    """Celery makes a chord of it."""
    flush((group(shop.add.s(1), shop.add.s(2)) | shop.tell.s(), 5))

    assert shop.wait() == [[6, 7]]


def test_canvases_among_tasks_run_too(shop: Shop) -> None:
    """The tasks around it leave in batches."""
    flush(
        (shop.add, 1),
        (shop.add, 2),
        (chain(shop.add.s(1, 2), shop.tell.s()),),
        (shop.add, 3),
    )

    assert shop.wait() == [3]
