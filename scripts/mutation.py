"""Break each line of the core in turn, and see whether a test notices."""

from __future__ import annotations

import argparse
import ast
import faulthandler
import os
import re
import shutil
import signal
import sys
import time
import tomllib
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import anyio
import hypothesis.stateful
import pytest
import trio
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
CORE = ROOT / "packages/airlock-core"
TESTS = CORE / "tests"
ACCEPTED = TESTS / "mutants.toml"
# Slow, about themselves or about a page: what they could find, others find sooner.
UNUSED = (
    *("test_model.py", "test_seeded_bugs.py", "test_soak.py"),
    "test_testing_how_to.py",
)
GOAL = 90
# Seconds; the tests take about fifteen, and more on a busy machine.
TIMEOUT = 150
# Seconds for one test; the slowest takes about two. Many mutants loop for ever.
TEST_TIMEOUT = 20
# Imported for the tests, once: see passes().
WARM = anyio, hypothesis.stateful, trio


class Mutant(NamedTuple):
    """A module of the core with one change."""

    module: str
    code: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.module}\n    - {self.before}\n    + {self.after}"


def main() -> None:
    """Print the survivors and the score; fail where one of them is not explained."""
    parser = argparse.ArgumentParser(prog="scripts/mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as _buffer; by default all")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    modules = [f"{name}.py" for name in given.modules] or sorted(
        path.name for path in (CORE / "src/airlock").glob("*.py")
    )
    mutants = [mutant for module in modules for mutant in mutants_of(module)]
    report(mutants, survivors_of(mutants, given.workers))


def report(mutants: list[Mutant], survivors: list[Mutant]) -> None:
    """Print what survived and why that is right, and what should not have."""
    accepted = tomllib.loads(ACCEPTED.read_text())["equivalent"]
    unexplained = []
    for mutant in survivors:
        reason = why(mutant, accepted)
        unexplained += [] if reason else [mutant]
        print(f"{mutant}\n    {reason or 'NOT EXPLAINED'}")
    killed = len(mutants) - len(survivors)
    score = 100 * killed / max(len(mutants), 1)
    print(
        f"\n{len(mutants)} mutants, {killed} killed: {score:.1f} %. {len(survivors)} "
        f"survived, {len(survivors) - len(unexplained)} of them are explained in "
        f"{ACCEPTED.relative_to(ROOT)}."
    )
    if mutants and score < GOAL:
        sys.exit(f"mutation: expected {GOAL} %. Test what the survivors changed.")
    if unexplained:
        sys.exit(
            f"mutation: {len(unexplained)} survivors are not explained. Test what they "
            f"changed, or say in {ACCEPTED.name} why no test can notice it."
        )


def why(mutant: Mutant, accepted: list[dict[str, str]]) -> str:
    """Return why a mutant may survive, or nothing."""
    for entry in accepted:
        is_meant = entry.get("module", mutant.module) == mutant.module
        change = f"{mutant.before} -> {mutant.after}"
        if is_meant and re.search(entry["change"], change):
            return entry["why"]
    return ""


def mutants_of(module: str) -> Iterator[Mutant]:
    """Yield a module of the core with one change each time, all of them different."""
    source = (CORE / "src/airlock" / module).read_text()
    seen = {running_code(source)}
    tree = get_ast(source)
    for name in operator_names():
        operator = get_operator(name)
        if operator.arguments():
            continue
        count = sum(
            len(list(operator().mutation_positions(node))) for node in ast_nodes(tree)
        )
        for occurrence in range(count):
            code = mutate_code(source, operator(), occurrence)
            running = running_code(code)
            if running and running not in seen:
                seen.add(running)
                yield Mutant(module, code, *changed_lines(source, code))


def running_code(source: str) -> str:
    """Return what a module does, without its annotations; nothing if it is none."""
    try:
        return ast.dump(_Running().visit(ast.parse(source)))
    except SyntaxError:
        return ""


class _Running(ast.NodeTransformer):
    """Leaves out what only type checkers read."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(value=None)
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        names = {found.id for found in ast.walk(node.test) if type(found) is ast.Name}
        if names & {"TYPE_CHECKING", "MYPY"}:
            return node.orelse
        return self.generic_visit(node)


def changed_lines(before: str, after: str) -> tuple[str, str]:
    """Return the first line that differs, as it was and as it is."""
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return next((a.strip(), b.strip()) for a, b in pairs if a != b)


def survivors_of(mutants: list[Mutant], workers: int) -> list[Mutant]:
    """Return those that no test notices."""
    if not passes(None):
        sys.exit("mutation: the tests fail without any change. Mend them first.")
    with TemporaryDirectory() as folder:
        # No pool: its workers share locks, and what a broken core does to a process
        # that holds one is anybody's guess.
        started = [start(number, workers, mutants, folder) for number in range(workers)]
        for worker in started:
            if os.waitpid(worker, 0)[1]:
                sys.exit("mutation: a worker died. Its message stands above.")
        lived = {int(name.name) for name in Path(folder).iterdir()}
    return [mutant for number, mutant in enumerate(mutants) if number in lived]


def start(number: int, workers: int, mutants: list[Mutant], folder: str) -> int:
    """Fork a worker that tries each n-th mutant, and notes the survivors as files."""
    worker = os.fork()
    if worker:
        return worker
    code = 1
    try:
        for position in range(number, len(mutants), workers):
            lives = passes(mutants[position])
            if lives:
                Path(folder, str(position)).touch()
            print("s" if lives else ".", end="", flush=True)
        code = 0
    finally:
        os._exit(code)


# What killed earlier mutants of a module kills the next one, too, and so runs first.
killers: dict[str, list[str]] = {}


def passes(mutant: Mutant | None) -> bool:
    """Run the tests on the core, with one change if there is a mutant."""
    first = killers.setdefault(mutant.module if mutant else "", [])
    others = [path.name for path in sorted(TESTS.glob("test_*.py"))]
    others = [name for name in others if name not in (*first, *UNUSED)]
    for names in ([name] for name in tuple(first)):
        if killer_among(names, mutant):
            first.sort(key=names[0].__ne__)
            return False
    killer = killer_among(others, mutant)
    if killer:
        first.insert(0, killer)
    return not killer


def killer_among(names: list[str], mutant: Mutant | None) -> str | None:
    """Run files of tests; return the one that fails, or that hangs."""
    with TemporaryDirectory() as folder:
        # The rest of the package is found where it was: `__init__` extends its path.
        package = Path(folder, "airlock")
        package.mkdir()
        shutil.copy(CORE / "src/airlock/__init__.py", package)
        if mutant:
            (package / mutant.module).write_text(mutant.code)
        # Forked, so that pytest and what the tests need are imported only once.
        child = os.fork()
        if not child:
            os._exit(run_tests(Path(folder), names))
        is_well = ends_well(child)
        note = Path(folder, "killer")
        return None if is_well else note.read_text() if note.exists() else names[-1]


def run_tests(folder: Path, names: list[str]) -> int:
    """Run files of tests, in this process, on the core in a folder."""
    os.setsid()
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    os.environ["PYTHONPATH"] = str(folder)
    sys.path.insert(0, str(folder))
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:django"]
    # It ends the watch over a hanging test that Killer keeps.
    options += ["-p", "no:faulthandler"]
    # What is warm was imported before pytest could rewrite it.
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    files = [str(TESTS / name) for name in names]
    return int(pytest.main([*options, *files], plugins=[Killer(folder / "killer")]))


class Killer:
    """Notes the file of the running test: what fails or hangs is the last."""

    def __init__(self, note: Path) -> None:
        self._note = note

    def pytest_runtest_logstart(self, location: tuple[str, int | None, str]) -> None:
        """Note it, and end this process if the test hangs."""
        self._note.write_text(Path(location[0]).name)
        faulthandler.dump_traceback_later(TEST_TIMEOUT, file=2, exit=True)


def ends_well(child: int) -> bool:
    """Wait for a process, and end whatever it started."""
    end = time.monotonic() + TIMEOUT
    status = None
    while status is None and time.monotonic() < end:
        done, code = os.waitpid(child, os.WNOHANG)
        status = code if done else None
        time.sleep(0.02)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if status is None:
        os.waitpid(child, 0)
    return status == 0


if __name__ == "__main__":
    main()
