"""Django's own places: who calls `save()`, and what becomes of its effects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from bakery.models import Order, breads
from bakery.site import all_orders
from bakery.tasks import deliver
from django.apps import apps
from django.core.management import call_command
from django.db import connections, transaction
from django.db.migrations.state import ProjectState
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

import airlock
from airlock.integrations.django import DjangoScope

if TYPE_CHECKING:
    from pathlib import Path

    from bakery.site import Site

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_receivers"),
]


@pytest.fixture(params=[False, True], ids=["autocommit", "atomic"])
def is_atomic(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether each request is a transaction."""
    is_atomic: bool = request.param
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", is_atomic)
    return is_atomic


def test_the_asynchronous_interface_saves_too(baked: list[str]) -> None:
    """It calls `save()` in a thread, which takes the scope along."""

    async def work() -> None:
        await Order.objects.acreate(bread="rye")
        await Order(bread="spelt").asave()

    with airlock.scope(_cls=DjangoScope):
        async_to_sync(work)()

    assert baked == ["rye", "spelt"]


def test_a_queryset_is_deleted_without_the_model(baked: list[str]) -> None:
    """Its signal is sent for each row all the same."""

    @receiver(post_delete, sender=Order)
    def note(instance: Order, **signal: object) -> None:
        del signal
        airlock.enqueue(deliver, instance.bread)

    Order.objects.bulk_create([Order(bread="rye"), Order(bread="spelt")])

    with airlock.scope(_cls=DjangoScope), transaction.atomic():
        Order.objects.all().delete()

    assert sorted(baked) == ["deliver rye", "deliver spelt"]


def test_fixtures_call_no_save_and_send_a_signal(
    tmp_path: Path, baked: list[str]
) -> None:
    """The signal says that it is a fixture."""
    raws: list[bool] = []

    @receiver(post_save, sender=Order)
    def note(*, raw: bool, **signal: object) -> None:
        del signal
        raws.append(raw)

    orders = [{"model": "bakery.order", "pk": 1, "fields": {"bread": "rye"}}]
    fixture = tmp_path / "orders.json"
    fixture.write_text(json.dumps(orders))

    with airlock.scope(_cls=DjangoScope):
        call_command("loaddata", fixture, verbosity=0)

    assert raws == [True]
    assert baked == []


def test_the_models_of_migrations_are_not_those_of_the_code(baked: list[str]) -> None:
    """They have its fields, and neither its methods nor the receivers for its class."""
    told: list[str] = []

    @receiver(post_save, sender=Order)
    def note_order(**signal: object) -> None:
        del signal
        told.append("of Order")

    @receiver(post_save)
    def note(**signal: object) -> None:
        del signal
        told.append("of anything")

    historical: Any = ProjectState.from_apps(apps).apps.get_model("bakery", "Order")

    with airlock.scope(_cls=DjangoScope):
        historical.objects.create(bread="rye")

    assert breads("default") == ["rye"]
    assert told == ["of anything"]
    assert baked == []


def test_a_form_of_the_admin_that_is_not_valid_sends_nothing(
    site: Site, baked: list[str]
) -> None:
    """The response is a success, and nothing was saved."""
    assert site.post("/admin/bakery/order/add/", bread="") == 200

    assert baked == breads("default") == []


def test_changing_and_deleting_in_the_admin(site: Site, baked: list[str]) -> None:
    """A change saves; the action that deletes knows no model."""
    [order] = Order.objects.bulk_create([Order(bread="rye")])

    site.post(f"/admin/bakery/order/{order.pk}/change/", bread="spelt")
    assert baked == ["spelt"]

    site.post(
        "/admin/bakery/order/",
        action="delete_selected",
        _selected_action=[order.pk],
        post="yes",
    )
    assert breads("default") == []
    assert baked == ["spelt"]


def test_an_action_that_fails_drops_its_effects(
    site: Site, baked: list[str], *, is_atomic: bool
) -> None:
    """What it wrote before stays, unless requests are transactions."""
    Order.objects.bulk_create([Order(bread="rye"), Order(bread="bad")])
    committed: list[str] = []

    @receiver(post_save, sender=Order)
    def note(instance: Order, **signal: object) -> None:
        del signal
        transaction.on_commit(lambda: committed.append(instance.bread))

    status = site.post(
        "/admin/bakery/order/", action="bake_again", _selected_action=all_orders()
    )

    assert status == 500
    assert committed == ([] if is_atomic else ["rye", "bad"])
    assert baked == []


@pytest.mark.parametrize(
    ("bread", "status", "sent"),
    [("rye", 201, ["rye"]), ("bad", 400, []), ("worse", 409, []), ("", 400, [])],
)
@pytest.mark.usefixtures("is_atomic")
def test_a_view_of_the_rest_framework(
    site: Site, baked: list[str], bread: str, status: int, sent: list[str]
) -> None:
    """Its errors are responses, and those discard."""
    assert site.post("/api/orders/", bread=bread) == status

    assert baked == sent


def test_the_rest_framework_undoes_what_it_answers_with_an_error(
    site: Site, *, is_atomic: bool
) -> None:
    """If requests are transactions: the exception marks them before it is answered."""
    site.post("/api/orders/", bread="bad")

    assert breads("default") == ([] if is_atomic else ["bad"])
