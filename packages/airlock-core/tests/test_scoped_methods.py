"""`scoped()` on the methods of a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from recording import Recorder, ran, record

import airlock

if TYPE_CHECKING:
    from collections.abc import Generator

executed = Recorder()


class Feed:
    """Something with methods."""

    def __init__(self, tag: str) -> None:
        self.tag = tag

    @airlock.scoped(executor=executed)
    def items(self) -> Generator[str]:
        """Be a decorated method."""
        airlock.enqueue(record, self.tag)
        yield self.tag

    @classmethod
    @airlock.scoped(executor=executed)
    def every(cls) -> Generator[str]:
        """Be a decorated class method."""
        airlock.enqueue(record, cls.__name__)
        yield cls.__name__


def test_methods_may_be_decorated() -> None:
    """They are bound to their object as before."""
    executed.intents.clear()

    assert list(Feed("f").items()) == ["f"]
    assert list(Feed.every()) == ["Feed"]

    assert executed.values == ["f", "Feed"]


class Desk:
    """Has a static method."""

    @airlock.scoped(executor=executed)
    @staticmethod
    def ring(times: int) -> None:
        """Be a decorated static method."""
        airlock.enqueue(record, times)


def test_a_static_method_stays_one() -> None:
    """It may be called on the class and on an object of it."""
    executed.intents.clear()

    Desk.ring(1)
    Desk().ring(2)

    assert executed.values == [1, 2]


class Shop:
    """Has a class method."""

    @airlock.scoped(executor=executed)
    @classmethod
    def open(cls, day: str) -> str:
        """Be a decorated class method."""
        airlock.enqueue(record, day)
        return cls.__name__


class Bakery(Shop):
    """Inherits it."""


def test_a_class_method_stays_one() -> None:
    """It is given the class that it was called on."""
    executed.intents.clear()

    assert (Shop.open("monday"), Bakery().open("sunday")) == ("Shop", "Bakery")

    assert executed.values == ["monday", "sunday"]


def test_a_class_is_not_decorated() -> None:
    """It would no longer be a class, and its methods would still have no scope."""
    with pytest.raises(airlock.ArgumentError, match="decorate the methods"):
        airlock.scoped()(Shop)


def test_what_tells_no_signature_may_be_decorated() -> None:
    """Some of what is written in C tells none."""
    assert airlock.scoped()(max)(1, 2) == 2


def test_a_function_whose_signature_cannot_be_read_is_scoped() -> None:
    """Reading one may run code, as annotations do on Python 3.14."""

    class Lazy:
        @property
        def __signature__(self) -> object:
            raise NameError("Order")

        def __call__(self) -> str:
            airlock.enqueue(record, 1)
            return "done"

    assert airlock.scoped()(Lazy())() == "done"
    assert ran == [1]
