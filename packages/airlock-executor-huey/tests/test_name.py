"""What a Huey task is called, and which policies find it by that name."""

from __future__ import annotations

from typing import Any

import huey
import pytest
import queued_tasks
from queued_tasks import invoice, notify

import airlock
from airlock import Intent


def dispatched(policy: airlock.Policy, task: Any = notify) -> int:
    """Enqueue a task under a policy, and return how many messages left."""
    with airlock.scope(policy=policy, executor="huey"):
        airlock.enqueue(task, 1)
    count: int = queued_tasks.huey.pending_count()
    return count


def test_a_task_without_a_name_is_called_by_its_function() -> None:
    """Huey's own `name` is None unless somebody chose one."""
    assert notify.name is None
    assert Intent(notify).name == "queued_tasks:notify"


def test_a_task_with_a_name_is_called_by_it() -> None:
    """It is the name that stands in the logs of the worker."""
    assert Intent(invoice).name == "shop.invoice"


@pytest.mark.parametrize(
    "blocked", [notify, "queued_tasks:notify", "queued_tasks.notify", "notify"]
)
def test_a_task_can_be_blocked_by_itself_or_by_name(blocked: Any) -> None:
    """A backfill must find the one task that mails, whatever it is called."""
    assert dispatched(airlock.BlockTasks([blocked])) == 0


@pytest.mark.parametrize("blocked", [invoice, "shop.invoice", "invoice"])
def test_a_named_task_can_be_blocked_by_itself_or_by_name(blocked: Any) -> None:
    """Also where the name is not the function's."""
    assert dispatched(airlock.BlockTasks([blocked]), invoice) == 0


def test_blocking_one_task_lets_the_others_leave() -> None:
    """Blocking too much is the same silence in the wrong place."""
    assert dispatched(airlock.BlockTasks([invoice])) == 1


@pytest.mark.parametrize("blocked", [notify, "queued_tasks:notify", "notify"])
def test_a_message_is_blocked_with_its_task(blocked: Any) -> None:
    """Preparing the arguments early is no way around a policy."""
    with airlock.scope(policy=airlock.BlockTasks([blocked]), executor="huey"):
        airlock.enqueue(notify.s(1))

    assert queued_tasks.huey.pending() == []


@pytest.mark.skipif(not hasattr(huey, "group"), reason="this Huey has no groups")
def test_a_group_is_judged_as_one_effect_with_a_name_of_its_own() -> None:
    """Policies see the group and not its members; the how-to page warns of it."""
    with airlock.scope(policy=airlock.BlockTasks([notify]), executor="huey"):
        airlock.enqueue(huey.group([notify.s(1)]))
    with airlock.scope(policy=airlock.BlockTasks(["huey.api:group"]), executor="huey"):
        airlock.enqueue(huey.group([notify.s(2)]))

    [queued] = queued_tasks.huey.pending()
    assert queued.args == (1,)


def test_the_executor_is_found_by_its_name() -> None:
    """What the settings of a project say is "huey"."""
    plugins = {plugin.name: plugin for plugin in airlock.installed_plugins()}

    assert plugins["huey"].distribution.startswith("airlock-executor-huey ")
    assert plugins["huey"].error is None
