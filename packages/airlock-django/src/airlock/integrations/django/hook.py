"""Scopes for commands that open none themselves."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar

import airlock
from airlock.integrations.django.commands import boundary
from airlock.integrations.django.settings import command_policy, commands
from django.core.management.base import BaseCommand

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from airlock import Policy

# They serve, or wait for somebody, until they are stopped. A scope around one would
# keep what it ought to refuse, and send it at the end.
ENDLESS = frozenset(
    {
        *("runserver", "runserver_plus", "testserver", "test"),
        *("shell", "shell_plus", "dbshell"),
        *("run_huey", "qcluster", "qmonitor", "qmemory", "db_worker"),
        *("rqworker", "rqworker-pool", "rqscheduler", "rundramatiq"),
        *("runworker", "process_tasks", "runapscheduler", "procrastinate"),
    }
)
# They are to help where the settings are wrong.
DIAGNOSTIC = frozenset({"check", "airlock_plugins", "diffsettings"})


class CommandHook:
    """What Django asks whenever it executes a command, in this process."""

    is_connected: ClassVar[bool] = False
    # Whether commands that `COMMANDS` does not name get a scope too.
    is_for_all: ClassVar[bool] = False


def install_command_scopes() -> None:
    """Give every management command that this process runs a scope.

    Call it in ``manage.py``. A command runs as if decorated with `airlock_command`,
    unless a scope is active already: then its effects belong to that. Commands that
    serve until they are stopped, such as ``runserver``, get none, and those that
    ``AIRLOCK["COMMANDS"]`` names get what it says.
    """
    CommandHook.is_for_all = True
    connect()


def connect() -> None:
    """Wrap what all ways to run a command lead to, once per process."""
    if CommandHook.is_connected:
        return
    CommandHook.is_connected = True
    execute = BaseCommand.execute

    @wraps(execute)
    def execute_in_scope(self: BaseCommand, *args: Any, **options: Any) -> str | None:  # noqa: ANN401
        # Around `handle` alone: a wrong setting is first told by the system checks.
        with _wrapped_handle(self):
            return execute(self, *args, **options)

    # Django has no signal for this.
    setattr(BaseCommand, "execute", execute_in_scope)  # noqa: B010 - it is a method


@contextmanager
def _wrapped_handle(command: BaseCommand) -> Iterator[None]:
    own = vars(command).get("handle")
    handle = command.handle

    def handle_in_scope(*args: Any, **options: Any) -> Any:  # noqa: ANN401
        with _scope_of(command, options):
            return handle(*args, **options)

    vars(command)["handle"] = handle_in_scope
    try:
        yield
    finally:
        del vars(command)["handle"]
        if own is not None:
            vars(command)["handle"] = own


def _scope_of(
    command: BaseCommand, options: dict[str, Any]
) -> AbstractContextManager[None]:
    name = command_name(command)
    if name in ENDLESS or name in DIAGNOSTIC:
        return nullcontext()
    named = commands()
    if name in named:
        return nullcontext() if named[name] is None else _named(command, options)
    # As in a server process, which has no hook: the effects belong to the request.
    if CommandHook.is_for_all and airlock.get_current_scope() is None:
        return _boundary(command, options)
    return nullcontext()


@contextmanager
def _named(command: BaseCommand, options: dict[str, Any]) -> Iterator[None]:
    """Run a command under its policy, and so each scope that it opens."""
    policy = command_policy(command_name(command))
    with (
        airlock.policy(policy),
        _boundary(command, options, policy=airlock.AllowAll()),
    ):
        yield


def _boundary(
    command: BaseCommand, options: dict[str, Any], policy: Policy | None = None
) -> AbstractContextManager[None]:
    # Django's own commands have dry runs that are none of effects.
    return boundary(command.stdout, options, policy, is_quiet=True)


def command_name(command: BaseCommand) -> str:
    """Return the name of a command, as Django tells it of an instance."""
    return type(command).__module__.rpartition(".")[2]
