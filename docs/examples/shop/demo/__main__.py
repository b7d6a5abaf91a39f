"""Run the demo: `python -m demo [--celery] [--serve [--port N]]`."""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.core.management import call_command
from rich.console import Console

from demo.broker import find_broker
from demo.child import DemoError

if TYPE_CHECKING:
    from demo.stage import Stage
    from demo.timeline import Timeline

WIDTH = 100
LAST_PORT = 65535


def main() -> int:
    """Play the cases, or serve the shop; return the exit status."""
    options = _options()
    # A process that is told to end must still end its children. In the background of
    # a script it would ignore SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    with tempfile.TemporaryDirectory(prefix="airlock-demo-") as folder:
        data = Path(folder)
        try:
            if options.celery:
                _choose_celery()
            _prepare(data)
            return _serve(data, options.port) if options.serve else _play(data)
        except DemoError as error:
            print(f"scripts/demo: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            return 0 if options.serve else 130
        except BrokenPipeError:
            # Nobody reads on. At its exit Python would try to write the rest.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Show what airlock does with the effects of a Django shop.",
    )
    parser.add_argument(
        "--serve", action="store_true", help="leave the shop running, with a page"
    )
    parser.add_argument(
        "--celery", action="store_true", help="use a Celery worker instead of Huey"
    )
    parser.add_argument("--port", type=int, help="for --serve; by default a free one")
    options = parser.parse_args()
    if options.port is not None and not options.serve:
        parser.error("--port is for --serve: add it, or leave --port out")
    if options.port is not None and not 0 < options.port <= LAST_PORT:
        parser.error(f"no port is numbered {options.port}: take 1 to {LAST_PORT}")
    return options


def _choose_celery() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.celery_settings")
    os.environ["SHOP_BROKER"] = find_broker(os.environ.get("SHOP_BROKER"))


def _prepare(data: Path) -> None:
    os.environ["SHOP_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    for database in ("default", "journal"):
        call_command("migrate", database=database, verbosity=0)


def _play(data: Path) -> int:
    # Imported here and below: they need Django's settings, which need the folder.
    from demo.stage import open_stage
    from demo.timeline import Timeline

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    tell = Timeline(console)
    with open_stage(data, port=None) as stage:
        stage.manage("seed")
        stage.news()
        _play_cases(stage, tell)
    return tell.verdict()


def _play_cases(stage: "Stage", tell: "Timeline") -> None:
    from demo.cases import CASES

    try:
        for case in CASES:
            case(stage, tell)
    except DemoError as error:
        # No further case: what this one left behind would show up there.
        tell.end_of_play(str(error))


def _serve(data: Path, port: int | None) -> int:
    from demo.stage import open_stage

    with open_stage(data, port) as stage:
        stage.manage("seed")
        print(f"The shop is open at {stage.url} (Ctrl-C closes it)", flush=True)
        while True:
            stage.check()
            time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
