"""Rules about what each pyproject.toml declares. Each returns what breaks it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from layout_imports import literal
from layout_tree import core, distributions, read, siblings

if TYPE_CHECKING:
    from pathlib import Path

LOWER_BOUND = re.compile(r"(>=|==|~=)")


def core_depends_on_nothing(root: Path) -> list[str]:
    """Everyone who installs airlock installs core, into any environment."""
    project = core(root).project
    problems = [f"airlock-core depends on {line}" for line in project["dependencies"]]
    return problems + [f"airlock-core: {key} is dynamic" for key in dynamic(project)]


def dynamic(project: dict[str, object]) -> list[str]:
    """Return the keys that a build would fill in, out of sight."""
    keys = project.get("dynamic", [])
    return [str(key) for key in keys] if isinstance(keys, list) else []


def members_are_registered_at_the_root(root: Path) -> list[str]:
    """What the root leaves out is neither installed, nor tested, nor type-checked."""
    declared = read(root / "pyproject.toml")
    tool = declared["tool"]
    here = {
        found.name: f"packages/{found.folder.name}/src" for found in distributions(root)
    }
    sources = {
        name
        for name, source in tool["uv"]["sources"].items()
        if source == {"workspace": True}
    }
    paths = {path for path in tool["mypy"]["mypy_path"] if path.startswith("packages/")}
    return [
        *_differences(
            "project.dependencies", set(here), set(declared["project"]["dependencies"])
        ),
        *_differences("tool.uv.sources", set(here), sources),
        *_differences("tool.mypy.mypy_path", set(here.values()), paths),
    ]


def _differences(place: str, expected: set[str], listed: set[str]) -> list[str]:
    missing = [
        f"{place} of the root lacks {name}" for name in sorted(expected - listed)
    ]
    return missing + [
        f"{place} of the root lists {name}, which is not in packages/"
        for name in sorted(listed - expected)
    ]


def members_are_registered_in_core(root: Path) -> list[str]:
    """An extra installs each, and an unknown name says which one to install."""
    extras = core(root).project.get("optional-dependencies", {})
    offered = {requirement_name(line) for lines in extras.values() for line in lines}
    table = literal(core(root).src / "airlock/_registry.py", "FIRST_PARTY")
    problems = []
    for found in siblings(root):
        if found.name.startswith("airlock-") and found.name not in offered:
            problems.append(f"no extra of airlock-core installs {found.name}")
        problems += [
            f"FIRST_PARTY in _registry.py lacks {(group, name)}: {found.name!r}"
            for group, name, _ in found.entry_points
            if group.startswith("airlock.") and table.get((group, name)) != found.name
        ]
    return problems


def members_are_listed_in_the_readme(root: Path) -> list[str]:
    """It is where newcomers learn what there is."""
    page = (root / "README.md").read_text()
    return [
        f"README.md does not link to packages/{found.folder.name}"
        for found in distributions(root)
        if f"(packages/{found.folder.name})" not in page
    ]


def versions_are_in_step(root: Path) -> list[str]:
    """All are released together: equal versions are known to fit."""
    expected = core(root).project["version"]
    return [
        f"{found.name} is {found.project['version']}, airlock-core {expected}"
        for found in siblings(root)
        if found.project["version"] != expected
    ]


def siblings_are_required_by_range(root: Path) -> list[str]:
    """The workspace ignores these bounds; those who install wheels live by them."""
    version = core(root).project["version"]
    names = {found.name for found in distributions(root)}
    problems = []
    for found in distributions(root):
        needed = {requirement_name(line): line for line in found.requirements}
        if not found.is_core and "airlock-core" not in needed:
            problems.append(f"{found.name} does not depend on airlock-core")
        for name in sorted(names & set(needed)):
            expected = f">={version},<{next_series(version)}"
            if not needed[name].endswith(expected) or " " in needed[name]:
                problems.append(
                    f"{found.name} requires {needed[name]}: expected {name}{expected}"
                )
    return problems


def next_series(version: str) -> str:
    """Return the first version that may break what worked with this one."""
    major, minor = map(int, version.split(".")[:2])
    return str(major + 1) if major else f"0.{minor + 1}"


def requirements_have_a_lower_bound(root: Path) -> list[str]:
    """Without one, the oldest version that works is anybody's guess."""
    declared = read(root / "pyproject.toml")
    lines = [
        (f"group {group}", line)
        for group, entries in declared["dependency-groups"].items()
        for line in entries
        if isinstance(line, str)
    ]
    for found in distributions(root):
        needed = [*found.requirements, *found.build_requires]
        lines += [(found.name, line) for line in needed]
    return [
        f"{owner} requires {line} without a lower bound"
        for owner, line in lines
        if not LOWER_BOUND.search(line)
    ]


def requirement_name(line: str) -> str:
    """Return the distribution that a requirement asks for."""
    return re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0].lower().replace("_", "-")


def executors_follow_one_naming(root: Path) -> list[str]:
    """Distribution, package, entry point and function are guessed from each other."""
    problems = []
    for found in siblings(root):
        _, prefix, name = found.name.rpartition("airlock-executor-")
        if not prefix:
            continue
        package = name.replace("-", "_")
        target = f"airlock.integrations.executors.{package}:{package}_executor"
        expected = ("airlock.executors", package, target)
        if found.entry_points != [expected]:
            problems.append(
                f"{found.name} declares {found.entry_points}: expected {[expected]}"
            )
    return problems


RULES = (
    core_depends_on_nothing,
    members_are_registered_at_the_root,
    members_are_registered_in_core,
    members_are_listed_in_the_readme,
    versions_are_in_step,
    siblings_are_required_by_range,
    requirements_have_a_lower_bound,
    executors_follow_one_naming,
)
