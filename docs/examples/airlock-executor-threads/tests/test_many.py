"""What the page says of executors that take many effects at once."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest

import airlock
from airlock import Intent

sent: list[list[str]] = []


def post_executor(intent: Intent) -> None:
    """Send one effect."""
    sent.append([intent.name])


def _dispatch_many(intents: Sequence[Intent]) -> Iterator[int]:
    for start in range(0, len(intents), 100):
        part = intents[start : start + 100]
        sent.append([intent.name for intent in part])
        yield len(part)


post_executor.dispatch_many = _dispatch_many  # type: ignore[attr-defined]


class Post:
    """The same as a class."""

    def __call__(self, intent: Intent) -> None:
        """Send one effect."""
        post_executor(intent)

    def send(self, intent: Intent) -> None:
        """Send one effect, as a method."""
        post_executor(intent)

    def dispatch_many(self, intents: Sequence[Intent]) -> Iterator[int]:
        """Send many."""
        return _dispatch_many(intents)


class PostOne:
    """What has a way for many, but only in the instance."""

    def __init__(self) -> None:
        self.dispatch_many = _dispatch_many

    def __call__(self, intent: Intent) -> None:
        """Send one effect."""
        post_executor(intent)


def sizes(executor: Any, task: Callable[[], object] = int) -> list[int]:
    """Dispatch 250 effects; return how many each call was given."""
    sent.clear()
    with airlock.scope(executor=executor):
        for _ in range(250):
            airlock.enqueue(task)
    return [len(part) for part in sent]


@pytest.mark.parametrize("executor", [post_executor, Post()])
def test_a_function_with_the_attribute_or_an_object_with_the_method_is_given_many(
    executor: Any,
) -> None:
    """In parts, of which each is told."""
    assert sizes(executor) == [100, 100, 50]


@pytest.mark.parametrize("executor", [PostOne(), Post().send, partial(post_executor)])
def test_nothing_else_is_given_more_than_one(executor: Any) -> None:
    """It is dispatched all the same, one by one."""
    assert sizes(executor) == [1] * 250
