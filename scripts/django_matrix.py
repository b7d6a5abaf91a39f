"""A pytest plugin: prints which case passed on which database."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

DATABASES = ("sqlite", "postgres", "mariadb")
# Among the results of one case, the first of these is told.
RESULTS = ("FAIL", "skip", "ok")
WIDTH = 76

Table = defaultdict[str, defaultdict[str, dict[str, list[str]]]]


class Matrix:
    """The results of a run, by module, case and database."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[str, str, str]] = {}
        self._table: Table = defaultdict(lambda: defaultdict(dict))

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        """Note where each test belongs."""
        for item in items:
            module = (item.module.__doc__ or item.module.__name__).splitlines()[0]
            self._places[item.nodeid] = module, case_of(item), database_of(item)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a result, also that of a set-up which failed or skipped."""
        if report.when == "call" or not report.passed:
            module, case, database = self._places[report.nodeid]
            results = self._table[module][case].setdefault(database, [])
            results.append(
                {"passed": "ok", "skipped": "skip"}.get(report.outcome, "FAIL")
            )

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        """Print the table."""
        for line in self._lines():
            terminalreporter.write_line(line)

    def _lines(self) -> Iterator[str]:
        totals: Counter[tuple[str, str]] = Counter()
        yield ""
        yield _row("case", DATABASES)
        for module, cases in self._table.items():
            yield f"\n{module}"
            for case, results in cases.items():
                cells = [_worst(results.get(each, [])) for each in DATABASES]
                totals.update(zip(DATABASES, cells, strict=True))
                yield _row(f"  {case}", cells)
        yield ""
        for result in RESULTS:
            yield _row(result, [str(totals[each, result]) for each in DATABASES])


def case_of(item: pytest.Function) -> str:
    """Return the test's name as a sentence, without its database."""
    parameters = getattr(item, "callspec", None)
    others = [
        f"{name.removeprefix('is_').replace('_', ' ')}: {value}"
        for name, value in (parameters.params if parameters else {}).items()
        if name not in ("using", "wrapped")
    ]
    name = item.originalname.removeprefix("test_").replace("_", " ")
    for database in DATABASES:
        name = name.removesuffix(f" on {database}")
    return f"{name} ({', '.join(others)})" if others else name


def database_of(item: pytest.Function) -> str:
    """Return the database that a test runs on."""
    needed = [name for mark in item.iter_markers("service") for name in mark.args]
    return needed[0] if needed else "sqlite"


def _worst(results: list[str]) -> str:
    return next((each for each in RESULTS if each in results), "-")


def _row(title: str, cells: list[str] | tuple[str, ...]) -> str:
    shown = title if len(title) <= WIDTH else f"{title[: WIDTH - 1]}…"
    return f"{shown:<{WIDTH}}" + "".join(f"{cell:>10}" for cell in cells)


def pytest_configure(config: pytest.Config) -> None:
    """Take part in the run."""
    config.pluginmanager.register(Matrix())
