"""What the scripts say, of what they cannot do and of what they found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from layout_tree import ROOT

REPORT = """
<testsuite>
  <testcase classname="packages.airlock-executor-rq.tests.test_worker" name="test_a"/>
  <testcase classname="packages.airlock-executor-huey.tests.test_consumer"
            name="test_a[RedisHuey]"/>
  <testcase classname="packages.airlock-executor-huey.tests.test_consumer"
            name="test_a[MongoHuey]"><failure/></testcase>
</testsuite>
"""


@pytest.mark.parametrize("mode", [[], ["--lowest"]])
def test_a_python_that_uv_refuses_is_met_with_the_versions_that_work(
    copy: Path, uv: str, mode: list[str]
) -> None:
    """The reader has just typed a version, and no pyproject.toml has changed."""
    path = f"{Path(uv).parent}{os.pathsep}{os.environ['PATH']}"

    refused = subprocess.run(
        [copy / "scripts/test", "--python", "2.7", *mode],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode == 1
    assert "2.7" in refused.stderr
    assert "3.11 or newer is expected, and installed" in refused.stderr


def test_a_broker_that_nothing_tells_is_not_taken_for_another(tmp_path: Path) -> None:
    """A table that says Redis of everything else is believed."""
    (tmp_path / "cases.xml").write_text(REPORT)

    shown = subprocess.run(
        [sys.executable, ROOT / "scripts/worker_matrix.py", tmp_path / "cases.xml"],
        capture_output=True,
        text=True,
        check=True,
    )

    rows = [line.split(" | ") for line in shown.stdout.splitlines()]
    assert [[cell.strip() for cell in row] for row in rows[1:]] == [
        ["huey", "not told", "1", "1 FAILED"],
        ["huey", "redis", "1", "1 ok"],
        ["rq", "redis", "1", "1 ok"],
    ]
