"""A real worker under the global intercept, with `wrap_task_execution=False`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import worker_harness

if TYPE_CHECKING:
    from worker_harness import Worker


worker = worker_harness.worker_of(
    "worker_intercepted", {"WORKER_INSTALLS": "without execution"}
)


def test_a_task_has_no_scope_of_its_own(worker: Worker) -> None:
    """What it sends leaves at once, as without airlock, also if it fails later."""
    case = worker.case("send_and_fail")

    assert case.effects == ["effect"]
