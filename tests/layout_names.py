"""Rules about names: of modules, of what is public, of frameworks."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from layout_files import source_files
from layout_imports import module_name
from layout_tree import core, distributions, siblings

if TYPE_CHECKING:
    from pathlib import Path

# Also those that have no distribution here. Not those named by a common word, such as
# bottle, falcon and pyramid.
FRAMEWORKS = (
    "aiohttp",
    "apscheduler",
    "arq",
    "celery",
    "django",
    "django-q",
    "django_q",
    "dramatiq",
    "eventlet",
    "fastapi",
    "flask",
    "gevent",
    "huey",
    "kombu",
    "litestar",
    "procrastinate",
    "rabbitmq",
    "redis",
    "rq",
    "sqlalchemy",
    "starlette",
    "taskiq",
    "tornado",
)

# They say where something was put, and not what it is.
EMPTY_NAMES = {
    "base",
    "common",
    "helper",
    "helpers",
    "manager",
    "managers",
    "util",
    "utils",
}


def core_names_no_integration(root: Path) -> list[str]:
    """Core would have to change whenever an integration does."""
    ours = {
        path.parent.name
        for found in siblings(root)
        for path in found.modules
        if path.name == "__init__.py"
    }
    names = "|".join(map(re.escape, sorted({*FRAMEWORKS, *ours}, reverse=True)))
    word = re.compile(rf"\b({names})\b", re.IGNORECASE)
    problems = []
    for path in core(root).modules:
        text = path.read_text()
        # This table of what to install is the one place for their names.
        text = re.sub(
            r"^FIRST_PARTY = \{.*?^\}", "", text, flags=re.DOTALL | re.MULTILINE
        )
        name = module_name(path, core(root).src)
        problems += [
            f"{name} names {found}" for found in sorted(set(word.findall(text)))
        ]
    return problems


def public_packages_list_no_underscore(root: Path) -> list[str]:
    """What is listed is promised, and an underscore takes the promise back."""
    problems = []
    for found in distributions(root):
        for path in found.modules:
            module = module_name(path, found.src)
            # The modules of core list for each other what is private to it.
            if any(part.startswith("_") for part in module.split(".")):
                continue
            problems += [
                f"{found.name}: __all__ of {module} lists {name}"
                for name in _listed(path)
                if name.startswith("_")
            ]
    return problems


def _listed(path: Path) -> list[str]:
    # However the list is made: with =, with += or by a method of it.
    statements = [
        statement
        for statement in ast.parse(path.read_text()).body
        if ast.unparse(statement).startswith("__all__")
    ]
    constants = [
        node.value
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant)
    ]
    return [value for value in constants if isinstance(value, str)]


def modules_are_named_after_what_they_hold(root: Path) -> list[str]:
    """A module that may hold anything ends up holding everything."""
    problems = []
    for path in source_files(root):
        place = path.relative_to(root)
        names = (*place.parts[:-1], place.name.partition(".")[0])
        problems += [
            f"{place}: {name!r} says nothing of what it holds"
            for name in names
            if name.strip("_").lower() in EMPTY_NAMES
        ]
    return problems


def helpers_of_tests_differ_in_name(root: Path) -> list[str]:
    """All folders of tests are on one path: the second of a name is never imported."""
    owners: dict[str, list[str]] = {}
    for path in sorted(root.glob("packages/*/tests/*.py")):
        if path.name != "conftest.py" and not path.name.startswith("test_"):
            owners.setdefault(path.name, []).append(path.parts[-3])
    return [
        f"{name} is in the tests of {' and '.join(found)}: name it after its own"
        for name, found in owners.items()
        if len(found) > 1
    ]


RULES = (
    core_names_no_integration,
    helpers_of_tests_differ_in_name,
    public_packages_list_no_underscore,
    modules_are_named_after_what_they_hold,
)
