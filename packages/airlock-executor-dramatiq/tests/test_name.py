"""What an actor is called, and which policies find it by that name."""

# Some of Dramatiq is untyped, and its messages are no callables.
# mypy: disable-error-code="no-untyped-call,call-overload"
from __future__ import annotations

from typing import Any

import dramatiq
import pytest
from queued_actors import Report, invoice, notify, queued

import airlock
from airlock import Intent


@pytest.mark.parametrize(
    ("task", "name"),
    [
        (notify, "notify"),
        (notify.message(1), "notify"),
        (invoice, "shop.invoice"),
        (invoice.message(1), "shop.invoice"),
        (Report, "Report"),
        (Report.message("May"), "Report"),
        (notify.message(1) | notify.message(2), "dramatiq.composition:pipeline"),
        (dramatiq.group([notify.message(1)]), "dramatiq.composition:group"),
    ],
)
def test_an_actor_is_called_by_its_actor_name(task: Any, name: str) -> None:
    """It is the name that stands in the logs of the worker."""
    assert Intent(task).name == name


@pytest.mark.parametrize(
    "blocked",
    [
        invoice,
        "shop.invoice",
        "invoice",
        "queued_actors:invoice",
        "queued_actors.invoice",
    ],
)
def test_an_actor_can_be_blocked_by_itself_or_by_name(blocked: Any) -> None:
    """A backfill must find the one task that mails, whatever it is called."""
    with airlock.scope(airlock.BlockTasks([blocked]), executor="dramatiq"):
        airlock.enqueue(invoice, 1)
        airlock.enqueue(notify, 2)

    assert queued(queue="invoices") == []
    assert len(queued()) == 1


@pytest.mark.parametrize("blocked", [invoice, "shop.invoice", "invoice"])
def test_a_message_is_blocked_with_its_actor(blocked: Any) -> None:
    """Preparing the arguments early is no way around a policy."""
    with airlock.scope(airlock.BlockTasks([blocked]), executor="dramatiq"):
        airlock.enqueue(invoice.message(1))

    assert queued(queue="invoices") == []


def test_a_group_is_judged_as_one_effect_with_a_name_of_its_own() -> None:
    """Policies see the group and not its members; the how-to page warns of it."""
    name = "dramatiq.composition:group"
    with airlock.scope(airlock.BlockTasks([notify]), executor="dramatiq"):
        airlock.enqueue(dramatiq.group([notify.message(1)]))
    with airlock.scope(airlock.BlockTasks([name]), executor="dramatiq"):
        airlock.enqueue(dramatiq.group([notify.message(2)]))

    [message] = queued()
    assert message.args == (1,)


def test_the_executor_is_found_by_its_name() -> None:
    """What the settings of a project say is "dramatiq"."""
    plugins = {plugin.name: plugin for plugin in airlock.installed_plugins()}

    assert plugins["dramatiq"].distribution.startswith("airlock-executor-dramatiq ")
    assert plugins["dramatiq"].error is None
