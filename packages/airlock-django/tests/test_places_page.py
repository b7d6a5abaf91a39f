"""The page "Know what Django's own places send": each of its blocks sends that."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from bakery.models import Order
from bakery.site import OrderAdmin, OrderView, all_orders
from bakery.tasks import bake
from django.contrib import admin
from django.db import models, transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.test.utils import isolate_apps
from pages import blocks
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

import airlock
from airlock.integrations.django import DjangoScope

if TYPE_CHECKING:
    from bakery.site import Site

MODEL, *BLOCKS = blocks("django-places.md") or [""]

pytestmark = [
    pytest.mark.skipif(not BLOCKS, reason="the page is not beside these tests"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_receivers"),
]

NAMES = {
    "admin": admin,
    "airlock": airlock,
    "all_orders": all_orders,
    "APIView": APIView,
    "bake": bake,
    "models": models,
    "Order": Order,
    "post_save": post_save,
    "receiver": receiver,
    "Response": Response,
    "suppress": suppress,
    "transaction": transaction,
    "ValidationError": ValidationError,
}


def check(bread: str) -> None:
    """Refuse bad bread."""
    if bread == "bad":
        raise ValueError(bread)


@pytest.mark.parametrize("block", BLOCKS, ids=range(2, len(BLOCKS) + 2))
def test_a_block_sends_what_it_says(block: str, baked: list[str], site: Site) -> None:
    """Its comments tell what has been sent since the one before."""
    told = 0

    def expect(names: str) -> None:
        nonlocal told
        told += 1
        assert baked == ([] if names == "nothing" else names.split(", "))
        baked.clear()

    def post(where: str, **form: object) -> None:
        site.serve(
            names.get("OrderAdmin", OrderAdmin), names.get("OrderView", OrderView)
        )
        assert site.post(where, **form) < 500

    names: dict[str, Any] = {**NAMES, "check": check, "expect": expect, "post": post}
    # As with the application installed.
    with airlock.configure(scope=DjangoScope):
        exec(re.sub(r"# sent: (.*)", r"expect('\1')", block), names)  # noqa: S102

    assert told


def test_its_model_enqueues_at_save(baked: list[str]) -> None:
    """The first block is what all others save."""
    names: dict[str, Any] = {**NAMES, "__name__": "bakery.page"}
    with isolate_apps("bakery"):
        exec(MODEL, names)  # noqa: S102

    with airlock.scope():
        names["Order"](bread="rye").save()

    assert baked == ["rye"]


def test_the_page_has_blocks() -> None:
    """Otherwise nothing was tested."""
    assert len(BLOCKS) == 6
