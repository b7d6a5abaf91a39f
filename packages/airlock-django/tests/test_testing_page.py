"""The page "Test effects in Django's test cases": its tests pass."""

from __future__ import annotations

import unittest
from typing import Any

import pytest
from bakery.models import Order
from bakery.tasks import bake, deliver
from django.test import SimpleTestCase
from pages import blocks

BLOCKS = blocks("test-effects-in-django.md")

pytestmark = [
    pytest.mark.skipif(not BLOCKS, reason="the page is not beside these tests"),
    pytest.mark.django_db(transaction=True),
]


def test_the_tests_of_the_page_pass(baked: list[str]) -> None:
    """As Django runs them."""
    names: dict[str, Any] = {
        "bake": bake,
        "baked": baked,
        "deliver": deliver,
        "Order": Order,
    }
    exec("\n".join(BLOCKS), names)  # noqa: S102
    classes = [
        found
        for found in names.values()
        if isinstance(found, type)
        and issubclass(found, SimpleTestCase)
        and found.__module__ == "builtins"
    ]

    tests = 0
    for each in classes:
        baked.clear()
        # A result remembers the class before, and would tear it down once more.
        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(each).run(result)
        assert result.errors == result.failures == []
        tests += result.testsRun

    assert tests == 5
    assert len(BLOCKS) == 4
