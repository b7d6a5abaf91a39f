"""A project's own `manage.py`, in processes of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["airlock.integrations.django", "mill"]
MIDDLEWARE = ["airlock.integrations.django.AirlockMiddleware"]
USE_TZ = True
"""

MANAGE = """
import os
import sys

from django.core.management import execute_from_command_line

from airlock.integrations.django import install_command_scopes

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "mill.settings"
    {line}
    execute_from_command_line(sys.argv)
"""

MODELS = """
from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver

import airlock

class Flour(models.Model):
    grain = models.CharField(max_length=50)

@receiver(post_save, sender=Flour)
def tell(instance, **signal):
    airlock.enqueue(print, "ground", instance.grain)
"""

# A migration that calls the code of the project, as data migrations come to do.
MIGRATION = """
from django.db import migrations, models

def grind(apps, schema_editor):
    from mill.models import Flour
    Flour.objects.create(grain="rye")

class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Flour", [
            ("id", models.BigAutoField(primary_key=True)),
            ("grain", models.CharField(max_length=50)),
        ]),
        migrations.RunPython(grind),
    ]
"""

COMMAND = """
from django.core.management.base import BaseCommand

from mill.models import Flour

class Command(BaseCommand):
    def handle(self, **options):
        Flour.objects.create(grain="spelt")
        self.stdout.write("grinding")
"""

SILENT = {
    "COMMANDS": {"migrate": "drop_all", "loaddata": "drop_all"},
    "TASK_BACKEND": "sync",
}


class Project:
    """A mill in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        commands = folder / "mill/management/commands"
        commands.mkdir(parents=True)
        (folder / "mill/migrations").mkdir()
        for package in ("mill", "mill/migrations", "mill/management"):
            (folder / package / "__init__.py").touch()
        (folder / "mill/models.py").write_text(MODELS)
        (folder / "mill/migrations/0001_initial.py").write_text(MIGRATION)
        (commands / "grind.py").write_text(COMMAND)
        flour = {"model": "mill.flour", "fields": {"grain": "oat"}}
        (folder / "flour.json").write_text(json.dumps([flour]))

    def manage(
        self,
        *arguments: str,
        airlock: object = SILENT,
        line: str = "install_command_scopes()",
    ) -> subprocess.CompletedProcess[str]:
        """Run `manage.py`."""
        settings = f"{SETTINGS}\nAIRLOCK = {airlock!r}\n"
        (self.folder / "mill/settings.py").write_text(settings)
        script = self.folder / "manage.py"
        script.write_text(MANAGE.format(line=line))
        return subprocess.run(
            [sys.executable, script, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that has no database yet."""
    return Project(tmp_path)


@pytest.mark.parametrize("line", ["install_command_scopes()", "pass"])
def test_migrations_and_fixtures_fire_nothing(project: Project, line: str) -> None:
    """With the application alone, too."""
    migrated = project.manage("migrate", line=line)
    loaded = project.manage("loaddata", "flour.json", line=line)

    assert (migrated.returncode, loaded.returncode) == (0, 0), migrated.stderr
    assert "Installed 1 object" in loaded.stdout
    assert "ground" not in migrated.stdout + loaded.stdout


def test_the_line_gives_every_command_a_scope(project: Project) -> None:
    """Its effects leave when `handle` has ended."""
    project.manage("migrate")

    done = project.manage("grind")

    assert (done.returncode, done.stdout) == (0, "grinding\nground spelt\n")


def test_without_the_line_a_command_has_no_scope(project: Project) -> None:
    """Then `airlock_command` is for each that needs one."""
    project.manage("migrate", line="pass")

    done = project.manage("grind", line="pass")

    assert done.returncode == 1
    assert "NoScopeError" in done.stderr


def test_sound_settings_pass_the_check(project: Project) -> None:
    """The warning about tasks in place is the only one."""
    done = project.manage("check")

    assert done.returncode == 0
    assert "airlock.W003" in done.stderr
    assert "1 issue (0 silenced)" in done.stderr


def test_wrong_settings_fail_the_check(project: Project) -> None:
    """Each with its hint, before anything is run."""
    wrong = {"TASK_BACKEND": "nobody", "COMMANDS": {"migrate": "dropall"}}

    done = project.manage("check", airlock=wrong)

    assert done.returncode == 1
    assert "(airlock.E003) AIRLOCK['TASK_BACKEND'] is 'nobody'." in done.stderr
    assert "(airlock.E008) AIRLOCK['COMMANDS']['migrate'] is" in done.stderr
    assert done.stderr.count("HINT: No ") == 2


def test_the_list_of_plugins_is_that_of_core(project: Project) -> None:
    """Also where a setting is wrong: that is when somebody looks."""
    listing = subprocess.run(
        [sys.executable, "-m", "airlock"], capture_output=True, text=True, check=True
    )

    done = project.manage("airlock_plugins", airlock={"TASK_BACKEND": "nobody"})

    assert (done.returncode, done.stdout) == (0, listing.stdout)


def test_a_broken_plugin_fails_the_list(project: Project) -> None:
    """A deployment check can rely on the exit status."""
    info = project.folder / "toy-3.4.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: toy\nVersion: 3.4\n")
    (info / "entry_points.txt").write_text("[airlock.executors]\ntoy = nowhere:run\n")

    done = project.manage("airlock_plugins")

    assert done.returncode == 1
    assert "No module named 'nowhere'" in done.stdout
    assert "These plugins do not load: toy." in done.stderr
