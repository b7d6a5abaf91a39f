"""Rules about where files lie. Each returns what breaks it."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from layout_tree import distributions

SHARED = (Path("airlock/integrations"), Path("airlock/integrations/executors"))
SHAPE = ("README.md", "CHANGELOG.md", "LICENSE", "src", "tests")
LONGEST = 300
REASON = f"Over {LONGEST} lines:"
ACTION = re.compile(r"^\s*(?:- )?uses: *(.*)$", re.MULTILINE)
PINNED = re.compile(r"\./.+|[^@]+@[0-9a-f]{40} # v[\d.]+")


def shared_folders_have_no_init(root: Path) -> list[str]:
    """With one, the distribution it comes from would hide all others."""
    return [
        f"{found.folder.name}: {path} must go: the folder belongs to all distributions"
        for found in distributions(root)
        for path in found.files
        if path.parent in SHARED and path.stem == "__init__"
    ]


def integrations_are_packages(root: Path) -> list[str]:
    """A lone module leaves no place for py.typed, a bare folder is nobody's."""
    problems = []
    for found in distributions(root):
        for shared in SHARED:
            for path in sorted((found.src / shared).glob("*")):
                name = path.relative_to(found.src)
                if name in SHARED or name.name in {"__init__.py", "__pycache__"}:
                    continue
                if not (path / "__init__.py").exists():
                    problems.append(f"{found.folder.name}: {name} is no package")
    return problems


def no_two_distributions_own_one_file(root: Path) -> list[str]:
    """Installing both would overwrite one; removing one would break the other."""
    owners = defaultdict(list)
    for found in distributions(root):
        for path in found.files:
            owners[path].append(found.folder.name)
    return [
        f"{path} is in {' and '.join(names)}"
        for path, names in owners.items()
        if len(names) > 1
    ]


def packages_are_marked_as_typed(root: Path) -> list[str]:
    """Without the marker type checkers ignore the annotations, silently."""
    problems = []
    for found in distributions(root):
        packages = {path.parent for path in found.files if path.name == "__init__.py"}
        problems += [
            f"{found.folder.name}: {package}/py.typed is missing"
            for package in sorted(packages)
            if package.parent not in packages
            and not (found.src / package / "py.typed").exists()
        ]
    return problems


def distributions_have_the_standard_shape(root: Path) -> list[str]:
    """Whoever knows one distribution finds the way in all of them."""
    return [
        f"{found.folder.name}: {name} is missing"
        for found in distributions(root)
        for name in SHAPE
        if not (found.folder / name).exists()
    ]


def licences_are_copies_of_one(root: Path) -> list[str]:
    """Each distribution is published alone, so each carries the licence."""
    text = (root / "LICENSE").read_text()
    return [
        f"{found.folder.name}: LICENSE differs from the one at the root"
        for found in distributions(root)
        if (found.folder / "LICENSE").exists()
        and (found.folder / "LICENSE").read_text() != text
    ]


def no_file_is_long_without_a_reason(root: Path) -> list[str]:
    """A module should be understood in one sitting."""
    problems = []
    for path in source_files(root):
        text = path.read_text()
        length = text.count("\n")
        if length > LONGEST and REASON not in text:
            problems.append(
                f"{path.relative_to(root)} has {length} lines: split it at "
                f"{LONGEST}, or say why not in a comment '# {REASON} ...'"
            )
    return problems


def actions_are_pinned_by_hash(root: Path) -> list[str]:
    """A tag can be moved to other code, which would then run with our rights."""
    return [
        f"{path.relative_to(root)} uses {action}: expected owner/name@HASH # vVERSION"
        for path in sorted(root.glob(".github/**/*.y*ml"))
        for action in ACTION.findall(path.read_text())
        if not PINNED.fullmatch(action)
    ]


def source_files(root: Path) -> list[Path]:
    """Return every Python file and script of the repository."""
    found = {*root.glob("*.py"), *root.glob("scripts/*"), *root.glob(".ci/*")}
    for folder in ("packages", "tests", "scripts", "docs"):
        found.update(root.glob(f"{folder}/**/*.py"))
    return sorted(path for path in found if path.is_file())


RULES = (
    shared_folders_have_no_init,
    integrations_are_packages,
    no_two_distributions_own_one_file,
    packages_are_marked_as_typed,
    distributions_have_the_standard_shape,
    licences_are_copies_of_one,
    no_file_is_long_without_a_reason,
    actions_are_pinned_by_hash,
)
