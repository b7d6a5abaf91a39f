"""The page "Coming from on_commit": each of its blocks does what it says."""

from __future__ import annotations

import re
import unittest
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.test import TestCase

import airlock
from airlock.integrations.django import DjangoScope

PAGES = [
    folder / "docs" / "how-to" / "coming-from-on-commit.md"
    for folder in Path(__file__).parents
]
PAGE = next(filter(Path.exists, PAGES), None)
TEXT = PAGE.read_text(encoding="utf-8") if PAGE else ""
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)

pytestmark = [
    pytest.mark.skipif(PAGE is None, reason="the page is not beside these tests"),
    pytest.mark.django_db(transaction=True, databases=["default", "archive"]),
]


def check(row: str) -> None:
    """Refuse bad rows."""
    if row == "bad":
        raise ValueError(row)


@pytest.mark.parametrize("block", BLOCKS, ids=range(1, len(BLOCKS) + 1))
def test_a_block_sends_what_it_says(block: str) -> None:
    """Its comments tell what has been sent since the one before."""
    sent: list[str] = []
    told = 0

    def expect(names: str) -> None:
        nonlocal told
        told += 1
        assert sent == ([] if names == "nothing" else names.split(", "))
        sent.clear()

    names: dict[str, Any] = {
        "airlock": airlock,
        "async_to_sync": async_to_sync,
        "check": check,
        "expect": expect,
        "partial": partial,
        "send": sent.append,
        "sent": sent,
        "suppress": suppress,
        "TestCase": TestCase,
        "transaction": transaction,
    }
    # As with the application installed, which the page assumes.
    with airlock.configure(scope=DjangoScope):
        exec(re.sub(r"# sent: (.*)", r"expect('\1')", block), names)  # noqa: S102
        if "TestCase)" in block:
            _run(names["ReceiptTests"]("test_a_receipt_is_sent"))

    assert told or "assert" in block


def _run(test: TestCase) -> None:
    result = unittest.TestResult()
    unittest.TestSuite([test]).run(result)
    assert (result.testsRun, result.errors, result.failures) == (1, [], [])


def test_the_page_has_blocks() -> None:
    """Otherwise nothing was tested."""
    assert len(BLOCKS) == 12
