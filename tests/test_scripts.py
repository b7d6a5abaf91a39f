"""What the scripts say, of what they cannot do and of what they found."""

from __future__ import annotations

import os
import re
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

CASES = '''
"""Transactions of some databases."""

import pytest

SERVERS = [
    pytest.param(name, marks=pytest.mark.service(name), id=name)
    for name in ("postgres", "mariadb")
]


@pytest.mark.parametrize("is_bad", [False, True])
@pytest.mark.parametrize("using", ["default", *SERVERS])
def test_a_block(using, is_bad):
    if using == "mariadb":
        pytest.skip("it is not there")
    assert not (is_bad and using == "postgres")


def test_a_thread_on_sqlite():
    pass
'''


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


def test_the_matrix_of_django_tells_each_case_on_each_database(tmp_path: Path) -> None:
    """Who asks what a transaction decides reads the row, and believes it."""
    cases = tmp_path / "test_cases.py"
    cases.write_text(CASES)

    shown = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            os.devnull,
            "-p",
            "django_matrix",
            cases,
        ],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "scripts"),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    table = shown.stdout.partition("\ncase ")[2]
    rows = [re.split(r"\s{2,}", line.strip()) for line in table.splitlines()]
    assert shown.returncode == 1
    assert rows[:9] == [
        ["sqlite", "postgres", "mariadb"],
        [""],
        ["Transactions of some databases."],
        ["a block (bad: False)", "ok", "ok", "skip"],
        ["a block (bad: True)", "ok", "FAIL", "skip"],
        ["a thread", "ok", "-", "-"],
        [""],
        ["FAIL", "0", "1", "0"],
        ["skip", "0", "0", "2"],
    ]
