"""Rules about what imports what. Each returns what breaks it."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING, Any

from layout_tree import core, distributions, siblings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST_STATEMENT = '__path__ = __import__("pkgutil").extend_path(__path__, __name__)\n'

# Each may import those above it, and nothing else of airlock.
ORDER = (
    "airlock._errors",
    "airlock._lock",
    "airlock._process",
    "airlock._context",
    "airlock._policy",
    "airlock._region",
    "airlock._name",
    "airlock._awaitable",
    "airlock._intent",
    "airlock._report",
    "airlock._accounting",
    "airlock._registry",
    "airlock._policies",
    "airlock._executor",
    "airlock._verify",
    "airlock._dispatch",
    "airlock._listing",
    "airlock._state",
    "airlock._warning",
    "airlock._buffer",
    "airlock._account",
    "airlock._gate",
    "airlock._scope",
    "airlock._capturing",
    "airlock._coalescing",
    "airlock._config",
    "airlock._api",
    "airlock._carry",
    "airlock._scoped",
    "airlock",
    "airlock.testing._recording",
    "airlock.testing._sought",
    "airlock.testing._assertion",
    "airlock.testing._hooks",
    "airlock.testing._bench",
    "airlock.testing._check_contract",
    "airlock.testing._contract",
    "airlock.testing",
    "airlock.__main__",
    "airlock.integrations.executors.sync",
    "airlock.integrations.executors.outlasting",
)

# Not public, yet named by the specification for those who subclass `Scope`.
FOR_SUBCLASSES = {"_execute"}


def the_first_statement_of_core_joins_the_distributions(root: Path) -> list[str]:
    """Type checkers recognise this one spelling, and only in the first place."""
    with (core(root).src / "airlock/__init__.py").open() as file:
        first = file.readline()
    if first == FIRST_STATEMENT:
        return []
    return [f"airlock/__init__.py begins with {first!r}: expected {FIRST_STATEMENT!r}"]


def core_imports_point_one_way(root: Path) -> list[str]:
    """Then each module can be understood from those above it alone."""
    problems = []
    src = core(root).src
    for path in core(root).modules:
        module = module_name(path, src)
        if module not in ORDER:
            problems.append(f"{module} has no place in ORDER of layout_imports.py")
            continue
        above = ORDER[: ORDER.index(module)]
        problems += [
            f"{module}:{line} imports {target}, which is not above it"
            for line, target in imported_modules(path, src)
            if target.partition(".")[0] == "airlock" and target not in above
        ]
    return problems


def core_imports_the_standard_library_alone(root: Path) -> list[str]:
    """A queue or framework in core would be everyone's dependency."""
    known = {"airlock", *sys.stdlib_module_names}
    src = core(root).src
    return [
        f"{module_name(path, src)}:{line} imports {target}"
        for path in core(root).modules
        for line, target in imported_modules(path, src, typing_too=True)
        if target.partition(".")[0] not in known
    ]


def plugins_import_public_names_alone(root: Path) -> list[str]:
    """What a plugin of ours needs, those of others need too."""
    public = set(literal(core(root).src / "airlock/__init__.py", "__all__"))
    problems = []
    for found in siblings(root):
        for path in found.modules:
            name = module_name(path, found.src)
            problems += [
                f"{found.name}: {name}:{line} uses {private}, which is not public"
                for line, private in _private_uses(ast.parse(path.read_text()), public)
            ]
    return problems


def _private_uses(tree: ast.AST, public: set[str]) -> Iterator[tuple[int, str]]:
    aliases = _aliases(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            targets = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute):
            owner, dot, rest = ast.unparse(node).partition(".")
            targets = [f"{aliases.get(owner, owner)}{dot}{rest}"]
        else:
            continue
        for target in targets:
            top, _, name = target.partition(".")
            if top == "airlock" and name and not _is_public(name, public):
                yield node.lineno, target


def _aliases(tree: ast.AST) -> dict[str, str]:
    """Return what names of this module stand for, if they were imported."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update({a.asname: a.name for a in node.names if a.asname})
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.update(
                {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
            )
    return found


def _is_public(name: str, public: set[str]) -> bool:
    # What follows a call or an index is an attribute of something else.
    first, *rest = re.split(r"[^\w.]", name, maxsplit=1)[0].split(".")
    if first == "testing":
        return not any(part.startswith("_") for part in rest)
    return first in public | FOR_SUBCLASSES | {"integrations"}


def tests_shadow_no_library(root: Path) -> list[str]:
    """A folder tests/django would be imported where Django is meant."""
    libraries = {*packages_distributions(), *sys.stdlib_module_names}
    tests = [root / "tests", *(found.folder / "tests" for found in distributions(root))]
    problems = []
    for folder in tests:
        for path in sorted(folder.rglob("*.py")):
            names = {path.stem, *path.relative_to(folder).parts[:-1]} & libraries
            found = imported_modules(path, folder)
            imported = {name.partition(".")[0] for _, name in found}
            problems += [
                f"{path.relative_to(root)} imports {name}, and lies where it hides it"
                for name in sorted(
                    names & {name.partition(".")[0] for name in imported}
                )
            ]
    return problems


def imported_modules(
    path: Path, src: Path, *, typing_too: bool = False
) -> list[tuple[int, str]]:
    """Return line and name of each module that a file imports when it runs."""
    found = []
    for node in _running(ast.parse(path.read_text()), typing_too=typing_too):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = _package(path, src, node.level)
            module = ".".join(filter(None, [package, node.module]))
            found.append((node.lineno, module))
            # `from airlock import _scope` imports a module by another spelling.
            found += [
                (node.lineno, f"{module}.{alias.name}")
                for alias in node.names
                if f"{module}.{alias.name}" in ORDER
            ]
    return found


def _running(node: ast.AST, *, typing_too: bool) -> Iterator[ast.AST]:
    yield node
    children = ast.iter_child_nodes(node)
    if isinstance(node, ast.If) and not typing_too:
        names = {"TYPE_CHECKING", "MYPY"}
        children = iter(node.orelse) if ast.unparse(node.test) in names else children
    for child in children:
        yield from _running(child, typing_too=typing_too)


def _package(path: Path, src: Path, level: int) -> str:
    if not level:
        return ""
    return ".".join(path.relative_to(src).parts[:-level])


def module_name(path: Path, src: Path) -> str:
    """Return the name by which a file is imported."""
    parts = path.relative_to(src).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def literal(path: Path, name: str) -> Any:
    """Return a constant of a module without importing the module."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if name in map(ast.unparse, targets):
                return ast.literal_eval(node.value)
    msg = f"{path} assigns no {name}. The rules read it there: rename it in both."
    raise LookupError(msg)


RULES = (
    the_first_statement_of_core_joins_the_distributions,
    core_imports_point_one_way,
    core_imports_the_standard_library_alone,
    plugins_import_public_names_alone,
    tests_shadow_no_library,
)
