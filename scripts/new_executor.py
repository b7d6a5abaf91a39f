"""Make the distribution of one more executor and register it everywhere."""

from __future__ import annotations

import argparse
import ast
import keyword
import os
import re
import shutil
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "scripts" / "executor_template"
CORE = ROOT / "packages" / "airlock-core"
PROJECT = ROOT / "pyproject.toml"
EXTRAS = CORE / "pyproject.toml"
FIRST_PARTY = CORE / "src/airlock/_registry.py"
README = ROOT / "README.md"
LOCK = ROOT / "uv.lock"


class Executor(NamedTuple):
    """The names that all follow from the first one."""

    name: str
    module: str
    distribution: str
    version: str
    range: str
    dependencies: str


class RefusedError(Exception):
    """What was asked for cannot be made. The text says why, and what can."""


def main(arguments: list[str]) -> None:
    """Make and register the distribution, or exit with the reason why not."""
    parser = argparse.ArgumentParser(prog="scripts/new_executor", description=__doc__)
    parser.add_argument("name", help="the executor's name, such as rq")
    parser.add_argument(
        "requirement", nargs="?", help="the queue's distribution, such as 'rq>=2.1'"
    )
    given = parser.parse_args(arguments)
    try:
        executor = describe(given.name, given.requirement)
        check_free(executor)
        with undone_if_it_fails(executor):
            write(executor)
            register(executor)
            lock(executor)
    except RefusedError as error:
        sys.exit(f"new_executor: {error}")
    print(  # noqa: T201 - this is its output
        f"Made packages/{executor.distribution} and registered it. Next: write its\n"
        f"src/airlock/integrations/executors/{executor.module}/__init__.py, and run\n"
        f"scripts/check and scripts/test."
    )


def describe(name: str, requirement: str | None) -> Executor:
    """Return all names that follow from the executor's, if it is a good one."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        msg = (
            f"{name!r} cannot be the name of an executor. Expected words of lower-case "
            f"letters and digits, joined by hyphens, such as 'rq' or 'django-q': the "
            f"distribution, module and function are named after it."
        )
        raise RefusedError(msg)
    if keyword.iskeyword(name):
        msg = (
            f"{name!r} is a keyword of Python, so no module can have this name. "
            f"Expected a name that can be imported: add a word, as in '{name}-queue'."
        )
        raise RefusedError(msg)
    if requirement and not re.fullmatch(
        r"[\w.-]+(\[[\w,.-]+\])?>=[\w.,<!=]+", requirement
    ):
        msg = (
            f"{requirement!r} has no lower bound, or is no requirement. Expected the "
            f"oldest version that works, as in '{name}>=1.0'."
        )
        raise RefusedError(msg)
    version = tomllib.loads((CORE / "pyproject.toml").read_text())["project"]["version"]
    major, minor = map(int, version.split(".")[:2])
    series = major + 1 if major else f"0.{minor + 1}"
    span = f">={version},<{series}"
    needed = [f"airlock-core{span}", *filter(None, [requirement])]
    return Executor(
        name=name,
        module=name.replace("-", "_"),
        distribution=f"airlock-executor-{name}",
        version=version,
        range=span,
        dependencies=", ".join(f'"{line}"' for line in needed),
    )


def check_free(executor: Executor) -> None:
    """Refuse a name that is taken, also by core itself or by an extra of it."""
    folder = f"src/airlock/integrations/executors/{executor.module}"
    places = [
        *ROOT.glob(f"packages/*/{folder}"),
        *ROOT.glob(f"packages/{executor.distribution}"),
    ]
    taken = [str(place.relative_to(ROOT)) for place in places]
    if executor.module in (name.replace("-", "_") for name in extras()):
        taken.append(f"an extra in {EXTRAS.relative_to(ROOT)}")
    if ("airlock.executors", executor.module) in first_party():
        taken.append(f"FIRST_PARTY in {FIRST_PARTY.relative_to(ROOT)}")
    if taken:
        msg = (
            f"the name {executor.name!r} is taken: {', '.join(taken)}. "
            f"Expected a new name: work on what is there, or choose another name."
        )
        raise RefusedError(msg)


def extras() -> list[str]:
    """Return the names of the extras that core has now."""
    project = tomllib.loads(EXTRAS.read_text())["project"]
    return list(project["optional-dependencies"])


def first_party() -> dict[tuple[str, str], str]:
    """Return core's table of what to install, without importing core."""
    [table] = [
        ast.literal_eval(statement.value)
        for statement in ast.parse(FIRST_PARTY.read_text()).body
        if isinstance(statement, ast.Assign)
        and ast.unparse(statement.targets[0]) == "FIRST_PARTY"
    ]
    return dict(table)


@contextmanager
def undone_if_it_fails(executor: Executor) -> Iterator[None]:
    """Leave the repository as it was, if what is done to it does not succeed."""
    files = (PROJECT, EXTRAS, FIRST_PARTY, README, LOCK)
    before = {path: path.read_bytes() for path in files}
    folder = ROOT / "packages" / executor.distribution
    try:
        yield
    except BaseException:
        if folder.exists():
            shutil.rmtree(folder)
        for path, text in before.items():
            path.write_bytes(text)
        raise


def write(executor: Executor) -> None:
    """Write the files of the distribution."""
    folder = ROOT / "packages" / executor.distribution
    package = f"src/airlock/integrations/executors/{executor.module}"
    places = {
        "pyproject.toml.txt": "pyproject.toml",
        "README.md.txt": "README.md",
        "CHANGELOG.md.txt": "CHANGELOG.md",
        "executor.py.txt": f"{package}/__init__.py",
        "tests/test_executor.py.txt": f"tests/test_{executor.module}_executor.py",
        "tests/test_contract.py.txt": "tests/test_contract.py",
    }
    for template, place in places.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        text = Template((TEMPLATE / template).read_text())
        target.write_text(text.substitute(executor._asdict()))
    (folder / package / "py.typed").touch()
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE")


def register(executor: Executor) -> None:
    """Add the distribution to each list that cannot be derived from packages/."""
    name = executor.distribution
    insert(PROJECT, "dependencies = [", f'    "{name}",')
    insert(PROJECT, "[tool.uv.sources]", f"{name} = {{ workspace = true }}")
    insert(PROJECT, "mypy_path = [", f'    "packages/{name}/src",')
    insert(
        EXTRAS,
        "[project.optional-dependencies]",
        f'{executor.name} = ["{name}{executor.range}"]',
    )
    insert(
        FIRST_PARTY,
        "FIRST_PARTY = {",
        f'    ("airlock.executors", "{executor.module}"): "{name}",',
    )
    insert(
        README,
        "|---|---|",
        f"| [`{name}`](packages/{name}) | hands effects to {executor.name} |",
    )


def lock(executor: Executor) -> None:
    """Bring uv.lock up to date, which tells whether the requirement can be met."""
    uv = os.environ.get("UV", "uv")
    done = subprocess.run([uv, "lock", "--quiet"], cwd=ROOT, check=False)  # noqa: S603
    if done.returncode:
        msg = (
            f"uv could not lock the repository with {executor.dependencies}; its own "
            f"message stands above. Everything is again as it was. Expected a "
            f"requirement that can be installed beside what is here: correct it, or "
            f"check that the package index can be reached, and run this again."
        )
        raise RefusedError(msg)


def insert(path: Path, heading: str, line: str) -> None:
    """Put a line in its alphabetical place among those below a heading."""
    lines = path.read_text().splitlines()
    if heading not in lines:
        msg = f"{path} has no line {heading!r}: adapt register() in {__file__}."
        raise LookupError(msg)
    position = lines.index(heading) + 1
    while lines[position].strip(" ]}") and lines[position] < line:
        position += 1
    lines.insert(position, line)
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
