"""A real worker that runs tasks side by side in one process keeps them apart."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
import worker_harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker_harness import Worker


@pytest.fixture(scope="module", params=worker_harness.pairs("threads", "gevent"))
def worker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worker]:
    """A worker that runs two tasks at a time."""
    pool, broker = request.param
    if pool == "gevent" and find_spec("gevent") is None:
        pytest.skip("gevent is not installed")
    folder, settings = tmp_path_factory.mktemp("worker"), {"WORKER_CONCURRENCY": "2"}
    with worker_harness.running(
        pool, broker, "worker_tasks", folder, settings
    ) as worker:
        yield worker


def test_tasks_side_by_side_have_scopes_of_their_own(worker: Worker) -> None:
    """The one that fails takes nothing of the other with it, and leaves nothing."""
    case = worker.case("overlap", "bad", kwargs={"fails": True})
    case.send("overlap", "good", kwargs={"fails": False})
    case.wait_for("ended", times=2)
    case.wait_for("good 2")

    effects = case.effects

    assert effects[:2] == ["begun", "begun"]
    assert sorted(effects[2:]) == ["ended", "ended", "good 1", "good 2"]


def test_a_retry_is_not_lost(worker: Worker) -> None:
    """As in every pool."""
    case = worker.case("retry")

    case.wait_for("effect 2")

    attempts = [["attempt", number] for number in range(3)]
    assert case.effects == [*attempts, "effect 2"]
