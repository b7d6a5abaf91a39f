"""For each rule about the layout, ways to break it and what it must then say."""

# Over 300 lines: one table, which is searched by the name of a rule.
CORE = "packages/airlock-core/"
HUEY = "packages/airlock-executor-huey/"
AIRLOCK = f"{CORE}src/airlock/"
EXECUTOR = f"{HUEY}src/airlock/integrations/executors/huey/"

# A rule by its name; a file; what to replace in it (nothing: at its end) by what; and
# what the rule must then say. A file that does not exist is made.
BREAKAGES = [
    (
        "helpers_of_tests_differ_in_name",
        f"{HUEY}tests/recording.py",
        ("", "\n"),
        "recording.py is in the tests of airlock-core and airlock-executor-huey",
    ),
    (
        "shared_folders_have_no_init",
        f"{HUEY}src/airlock/integrations/__init__.py",
        ("", "\n"),
        "airlock/integrations/__init__.py must go",
    ),
    (
        "shared_folders_have_no_init",
        f"{HUEY}src/airlock/integrations/executors/__init__.pyi",
        ("", "\n"),
        "airlock/integrations/executors/__init__.pyi must go",
    ),
    (
        "integrations_are_packages",
        f"{HUEY}src/airlock/integrations/executors/lone.py",
        ("", "\n"),
        "airlock/integrations/executors/lone.py is no package",
    ),
    (
        "no_two_distributions_own_one_file",
        f"{HUEY}src/airlock/__init__.py",
        ("", "\n"),
        "airlock/__init__.py is in airlock-core and airlock-executor-huey",
    ),
    (
        "packages_are_marked_as_typed",
        f"{HUEY}src/airlock/integrations/executors/untyped/__init__.py",
        ("", "\n"),
        "airlock/integrations/executors/untyped/py.typed is missing",
    ),
    (
        "licences_are_copies_of_one",
        f"{HUEY}LICENSE",
        ("MIT", "BSD"),
        "airlock-executor-huey: LICENSE differs",
    ),
    (
        "no_file_is_long_without_a_reason",
        f"{EXECUTOR}__init__.py",
        ("", "\n" * 301),
        "split it at 300",
    ),
    (
        "actions_are_pinned_by_hash",
        ".github/workflows/new.yml",
        ("", "steps:\n  - uses: actions/checkout@v7\n"),
        ".github/workflows/new.yml uses actions/checkout@v7: expected",
    ),
    (
        "actions_are_pinned_by_hash",
        ".github/workflows/new.yml",
        ("", f"steps:\n  - name: Get\n    uses: actions/checkout@{'0' * 40}\n"),
        "expected owner/name@HASH # vVERSION",
    ),
    (
        "core_depends_on_nothing",
        f"{CORE}pyproject.toml",
        ("dependencies = []", 'dependencies = ["attrs>=25"]'),
        "airlock-core depends on attrs>=25",
    ),
    (
        "core_depends_on_nothing",
        f"{CORE}pyproject.toml",
        ("dependencies = []", 'dependencies = []\ndynamic = ["readme"]'),
        "readme is dynamic",
    ),
    (
        "members_are_registered_at_the_root",
        "pyproject.toml",
        ('    "airlock-executor-huey",\n', ""),
        "project.dependencies of the root lacks airlock-executor-huey",
    ),
    (
        "members_are_registered_at_the_root",
        "pyproject.toml",
        ("airlock-executor-huey = { workspace = true }\n", ""),
        "tool.uv.sources of the root lacks airlock-executor-huey",
    ),
    (
        "members_are_registered_at_the_root",
        "pyproject.toml",
        ('    "packages/airlock-executor-huey/src",\n', ""),
        "tool.mypy.mypy_path of the root lacks packages/airlock-executor-huey/src",
    ),
    (
        "members_are_registered_at_the_root",
        "pyproject.toml",
        ('    "airlock-core",\n', '    "airlock-core",\n    "airlock-gone",\n'),
        "lists airlock-gone, which is not in packages/",
    ),
    (
        "members_are_registered_in_core",
        f"{CORE}pyproject.toml",
        ("airlock-executor-huey>=", "airlock-executor-hue>="),
        "no extra of airlock-core installs airlock-executor-huey",
    ),
    (
        "members_are_registered_in_core",
        f"{AIRLOCK}_registry.py",
        ('"airlock-executor-huey"', '"huey"'),
        "FIRST_PARTY in _registry.py lacks ('airlock.executors', 'huey')",
    ),
    (
        "members_are_listed_in_the_readme",
        "README.md",
        ("(packages/airlock-executor-huey)", ""),
        "README.md does not link to packages/airlock-executor-huey",
    ),
    (
        "versions_are_in_step",
        f"{HUEY}pyproject.toml",
        ('\nversion = "', '\nversion = "9'),
        "airlock-executor-huey is 9",
    ),
    (
        "siblings_are_required_by_range",
        f"{HUEY}pyproject.toml",
        (",<0.", ",<9."),
        "airlock-executor-huey requires airlock-core",
    ),
    (
        "siblings_are_required_by_range",
        f"{CORE}pyproject.toml",
        ('"airlock-executor-huey>=0.', '"airlock-executor-huey>=9.'),
        "airlock-core requires airlock-executor-huey",
    ),
    (
        "siblings_are_required_by_range",
        f"{HUEY}pyproject.toml",
        ('"airlock-core>=', '"airlock-gone>='),
        "airlock-executor-huey does not depend on airlock-core",
    ),
    (
        "requirements_have_a_lower_bound",
        f"{HUEY}pyproject.toml",
        ('"huey>=', '"huey<='),
        "airlock-executor-huey requires huey<=",
    ),
    (
        "requirements_have_a_lower_bound",
        f"{HUEY}pyproject.toml",
        ('"hatchling>=', '"hatchling<='),
        "airlock-executor-huey requires hatchling<=",
    ),
    (
        "requirements_have_a_lower_bound",
        "pyproject.toml",
        ('"pytest>=', '"pytest<='),
        "group test requires pytest<=",
    ),
    (
        "executors_follow_one_naming",
        f"{HUEY}pyproject.toml",
        ("huey:huey_executor", "huey:execute"),
        "expected [('airlock.executors', 'huey', ",
    ),
    (
        "the_first_statement_of_core_joins_the_distributions",
        f"{AIRLOCK}__init__.py",
        ("__path__ =", "import pkgutil\n__path__ ="),
        "begins with 'import pkgutil\\n'",
    ),
    (
        "the_first_statement_of_core_joins_the_distributions",
        f"{AIRLOCK}__init__.py",
        ("(__path__, __name__)", "(__path__, 'airlock')"),
        "begins with '__path__ = ",
    ),
    (
        "core_imports_point_one_way",
        f"{AIRLOCK}_context.py",
        ("", "\nfrom airlock._scope import Scope\n"),
        "imports airlock._scope, which is not above it",
    ),
    (
        "core_imports_point_one_way",
        f"{AIRLOCK}_context.py",
        ("", "\ndef late() -> None:\n    from airlock import _api\n"),
        "imports airlock._api, which is not above it",
    ),
    (
        "core_imports_point_one_way",
        f"{AIRLOCK}_context.py",
        ("", "\nfrom ._scope import Scope\n"),
        "imports airlock._scope, which is not above it",
    ),
    (
        "core_imports_point_one_way",
        f"{AIRLOCK}_context.py",
        ("", "\nif TYPE_CHECKING:\n    pass\nelse:\n    import airlock._api\n"),
        "imports airlock._api, which is not above it",
    ),
    (
        "core_imports_point_one_way",
        f"{AIRLOCK}_api.py",
        ("", "\nimport airlock.integrations.executors.huey\n"),
        "imports airlock.integrations.executors.huey, which is not above it",
    ),
    (
        "core_imports_point_one_way",
        f"{AIRLOCK}_new.py",
        ("", "\n"),
        "airlock._new has no place in ORDER",
    ),
    (
        "core_imports_the_standard_library_alone",
        f"{AIRLOCK}_api.py",
        ("", "\nfrom django.db import transaction\n"),
        "imports django.db",
    ),
    (
        "core_names_no_integration",
        f"{AIRLOCK}_api.py",
        ("", "\n# As in Huey.\n"),
        "airlock._api names Huey",
    ),
    (
        "core_names_no_integration",
        f"{AIRLOCK}_api.py",
        ("", "\n# As in Celery.\n"),
        "airlock._api names Celery",
    ),
    (
        "core_names_no_integration",
        f"{AIRLOCK}_registry.py",
        ("", "\nDEFAULT = 'django-q'\n"),
        "airlock._registry names django-q",
    ),
    (
        "public_packages_list_no_underscore",
        f"{AIRLOCK}__init__.py",
        ("__all__ = [", '__all__ = [\n    "_execute",'),
        "airlock-core: __all__ of airlock lists _execute",
    ),
    (
        "public_packages_list_no_underscore",
        f"{EXECUTOR}__init__.py",
        ("", '\n__all__ += ["_message"]\n'),
        "__all__ of airlock.integrations.executors.huey lists _message",
    ),
    (
        "modules_are_named_after_what_they_hold",
        f"{AIRLOCK}_utils.py",
        ("", "\n"),
        "airlock/_utils.py: '_utils' says nothing of what it holds",
    ),
    (
        "modules_are_named_after_what_they_hold",
        f"{HUEY}tests/helpers/__init__.py",
        ("", "\n"),
        "tests/helpers/__init__.py: 'helpers' says nothing",
    ),
    (
        "plugins_import_public_names_alone",
        f"{EXECUTOR}__init__.py",
        ("", "\nfrom airlock._intent import task_name\n"),
        "uses airlock._intent.task_name, which is not public",
    ),
    (
        "plugins_import_public_names_alone",
        f"{EXECUTOR}__init__.py",
        ("", "\nimport airlock\n\nairlock._registry\n"),
        "uses airlock._registry, which is not public",
    ),
    (
        "plugins_import_public_names_alone",
        f"{EXECUTOR}__init__.py",
        ("", "\nimport airlock as a\n\na._scope\n"),
        "uses airlock._scope, which is not public",
    ),
    (
        "plugins_import_public_names_alone",
        f"{EXECUTOR}__init__.py",
        ("", "\nfrom airlock import testing as t\n\nt._bench.Bench()\n"),
        "uses airlock.testing._bench.Bench, which is not public",
    ),
    (
        "tests_shadow_no_library",
        "tests/django/test_views.py",
        ("", "\nimport django\n"),
        "tests/django/test_views.py imports django",
    ),
    (
        "tests_shadow_no_library",
        f"{HUEY}tests/huey/test_views.py",
        ("", "\nfrom huey import MemoryHuey\n"),
        "tests/huey/test_views.py imports huey",
    ),
]
