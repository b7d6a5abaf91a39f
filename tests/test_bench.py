"""`scripts/bench`: what it makes of what was measured. How fast it is, no test says."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from benchmark import row as benchmark_row
from benchmark.__main__ import effort, main
from benchmark.contest import Effort, Side, contest
from benchmark.result import Result, spread
from benchmark.row import Row, UnavailableError, need_module, need_server
from benchmark.rows import ROWS, enqueueing, flushing, scope
from benchmark.table import amount, cells, in_markdown, in_text
from layout_tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def result(ours: list[float], baseline: list[float], missing: str = "") -> Result:
    """Return a result with a goal of one half."""
    return Result("flush", "airlock-py", "ns", 0.5, ours, baseline, missing)


def test_the_ratio_is_that_of_the_best_rounds() -> None:
    """Noise only ever adds."""
    assert result([900.0, 400.0], [1000.0, 5000.0]).ratio == 0.4


@pytest.mark.parametrize(("ours", "is_met"), [(500.0, True), (504, True), (510, False)])
def test_a_goal_is_met_as_precisely_as_it_is_told(ours: float, is_met: bool) -> None:  # noqa: FBT001 - the expectation
    """A table in which 0.50 is more than 0.50 would puzzle its readers."""
    assert result([ours], [1000.0]).is_met is is_met


def test_what_was_not_run_misses_no_goal() -> None:
    """A machine without the servers is no reason to fail."""
    assert result([], [], missing="needs redis").is_met


def test_the_spread_tells_the_middle_round_from_the_best() -> None:
    """So that a reader sees how noisy the machine was."""
    assert spread([100.0, 150.0, 900.0]) == 0.5


def test_a_line_of_the_table() -> None:
    """Everything that the page promises is in it."""
    assert cells(result([2200.0, 1100.0], [2000.0])) == (
        "flush",
        "1.1 µs",
        "2 µs",
        "airlock-py",
        "0.55",
        "<= 0.50",
        "NO",
        "50% / 0%",
    )


def test_what_is_missing_stands_below_the_table() -> None:
    """With what to do about it."""
    results = [result([1.0], [4.0]), result([], [], missing="needs redis")]

    for text in (in_text(results), in_markdown(results)):
        assert "1 of 1 goals met." in text
        assert "Not run: flush: needs redis." in text


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [
        (23.4567, "ns", "23.5 ns"),
        (1_500.0, "ns", "1.5 µs"),
        (2.5e9, "ns", "2.5 s"),
        (248.0, "B", "248 B"),
        (5e12, "ns", "5e+03 s"),
    ],
)
def test_amounts_are_told_in_units_that_fit(
    number: float, unit: str, shown: str
) -> None:
    """Nobody counts the zeros of nanoseconds."""
    assert amount(number, unit) == shown


def test_no_two_rows_share_a_title() -> None:
    """A worker finds its row by it."""
    titles = [row.title for row in ROWS]

    assert len(set(titles)) == len(titles)


def test_a_row_that_needs_new_processes_is_measured_once_in_each() -> None:
    """The second million would find the memory of the first one."""
    row = Row("memory", 1.0, ours=lambda: lambda: 1.0, is_long=True, is_fresh=True)

    assert effort(row, is_quick=False).rounds == 1
    assert effort(row._replace(is_fresh=False), is_quick=False).rounds > 1


def test_a_row_may_ask_for_more_rounds() -> None:
    """The noise of a server is larger than that of one process."""
    row = Row("queue", 1.0, ours=lambda: lambda: 1.0, is_long=True)
    more = row._replace(repeat=4)

    once, repeated = (effort(each, is_quick=True) for each in (row, more))

    assert repeated.rounds == once.rounds * 4


@pytest.mark.parametrize(
    "row",
    [row for row in (*enqueueing.ROWS, *flushing.ROWS, *scope.ROWS) if not row.is_long],
    ids=lambda row: row.title,
)
def test_a_row_measures_something(row: Row) -> None:
    """It runs, and takes time."""
    assert row.ours()() > 0


def test_the_sides_are_measured_alternately() -> None:
    """Both with the same number of rounds, in each of the processes."""
    key = "ours: bytes per buffered intent"

    taken = contest(
        {"a": (sys.executable, key), "b": (sys.executable, key)},
        Effort(processes=2, rounds=3),
    )

    assert [len(numbers) for numbers in taken] == [6, 6]


def test_a_side_that_breaks_says_so() -> None:
    """Its own message stands above; a table with holes would hide it."""
    with pytest.raises(SystemExit, match="'no such row' ended without a result"):
        Side(sys.executable, "no such row").__enter__()


def test_a_missing_server_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row is left out, and says what it needs."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        monkeypatch.setitem(benchmark_row.PORTS, "redis", port)

        with pytest.raises(UnavailableError, match=f"needs redis on 127.0.0.1:{port}"):
            need_server("redis")


@pytest.mark.parametrize("name", ["no_such_package", "no_such_package.inside"])
def test_a_missing_module_is_named(name: str) -> None:
    """Whether its package is there or not."""
    with pytest.raises(UnavailableError, match=f"needs {name}, which is not installed"):
        need_module(name)


def test_a_missed_goal_is_the_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Compared with itself, a row whose goal is below 1 misses it."""
    title = "bytes per buffered intent"

    status = main(
        [
            "--quick",
            "--only",
            title,
            "--other",
            sys.executable,
            "--output",
            f"{tmp_path}",
        ]
    )

    assert status == 1
    assert "| 1.00  | <= 0.82 | NO" in capsys.readouterr().out
    [written] = tmp_path.glob("*.json")
    [row] = json.loads(written.read_text())["rows"]
    assert (row["title"], row["is_met"], len(row["ours"])) == (title, False, 15)
    assert f"| {title} |" in written.with_suffix(".md").read_text()


def test_a_title_that_nothing_has_is_refused() -> None:
    """Rather than print an empty table that meets every goal."""
    with pytest.raises(SystemExit, match="no case holds 'teleport'"):
        main(["--only", "teleport", "--other", sys.executable])


def test_the_plot_needs_numbers(tmp_path: Path, uv: str) -> None:
    """Whoever draws before measuring is told what comes first."""
    path = os.pathsep.join([os.path.dirname(uv), os.environ["PATH"]])  # noqa: PTH120

    refused = subprocess.run(
        [ROOT / "scripts/bench-plot", tmp_path],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode == 1
    assert f"{tmp_path} holds no numbers to draw" in refused.stderr
