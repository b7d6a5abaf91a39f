"""`scoped()` on generators: the scope is current only while the body runs."""

from __future__ import annotations

import inspect
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING

import pytest
from recording import Recorder, ran, record

import airlock

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

executed = Recorder()


@pytest.fixture(autouse=True)
def _nothing_was_executed() -> None:
    executed.intents.clear()


@airlock.scoped(executor=executed)
def numbers() -> Generator[int, None, str]:
    """Enqueue before each item, and after the last."""
    for number in (1, 2):
        airlock.enqueue(record, number)
        yield number
    airlock.enqueue(record, "end")
    return "done"


def test_a_generator_flushes_when_its_body_ends() -> None:
    """Its items are out long before its effects."""
    running = numbers()
    assert [next(running), next(running)] == [1, 2]
    assert executed.intents == []

    with pytest.raises(StopIteration) as stop:
        next(running)

    assert stop.value.value == "done"
    assert executed.values == [1, 2, "end"]


def test_the_consumer_keeps_its_own_scope_between_items(executor: Recorder) -> None:
    """Its effects must not land in the buffer of what it iterates.

    Guards against a scope that merely surrounds the body: then it stays current
    in the code that iterates.
    """
    with airlock.scope(executor=executor) as mine:
        for number in numbers():
            assert airlock.get_current_scope() is mine
            airlock.enqueue(record, -number)

    assert executor.values == [-1, -2]
    assert executed.values == [1, 2, "end"]


def test_local_policies_of_body_and_consumer_are_kept_apart() -> None:
    """A region that is open on one side of a `yield` says nothing of the other."""

    @airlock.scoped(executor=executed)
    def quiet() -> Generator[str]:
        with airlock.policy(airlock.DropAll()):
            airlock.enqueue(record, "dropped")
            yield "inside"
            airlock.enqueue(record, "dropped too")
        airlock.enqueue(record, "sent")
        yield "outside"

    running = quiet()
    with airlock.scope(executor=executed):
        next(running)
        airlock.enqueue(record, "consumer")
        with airlock.policy(airlock.DropAll()):
            next(running)
        assert list(running) == []

    assert executed.values == ["sent", "consumer"]


def test_interleaved_generators_keep_their_effects_apart() -> None:
    """Round-robin over several streams is ordinary code."""
    tags: dict[str, Recorder] = {"a": Recorder(), "b": Recorder()}

    def stream(tag: str) -> Generator[None]:
        for number in range(3):
            airlock.enqueue(record, f"{tag}{number}")
            yield

    streams = [airlock.scoped(executor=tags[tag])(stream)(tag) for tag in sorted(tags)]
    for _ in zip(*streams, strict=False):
        assert airlock.get_current_scope() is None
    for running in streams:
        assert list(running) == []

    assert tags["a"].values == ["a0", "a1", "a2"]
    assert tags["b"].values == ["b0", "b1", "b2"]


def test_one_generator_may_be_advanced_by_many_threads() -> None:
    """A server hands each chunk of a response to whichever thread is free.

    Guards against `Token.reset`, which fails in a context that is not its own.
    """
    running = numbers()
    clean: list[bool] = []

    def advance() -> int | None:
        item = next(running, None)
        clean.append(airlock.get_current_scope() is None)
        return item

    items = []
    for _ in range(3):
        with ThreadPoolExecutor(1) as pool:
            items.append(pool.submit(advance).result())

    assert items == [1, 2, None]
    assert clean == [True] * 3
    assert executed.values == [1, 2, "end"]


def test_each_step_may_happen_in_a_context_of_its_own() -> None:
    """The scope comes along with the generator, not with the context."""
    running = numbers()

    items = [copy_context().run(next, running, None) for _ in range(3)]

    assert items == [1, 2, None]
    assert executed.values == [1, 2, "end"]


def test_a_generator_closed_early_discards() -> None:
    """The work did not come to its end."""
    running = numbers()
    next(running)

    running.close()

    assert executed.intents == []
    assert airlock.get_current_scope() is None


def test_a_generator_dropped_early_discards() -> None:
    """A `for` that breaks closes nothing itself; the interpreter does."""
    for _ in numbers():
        break

    assert executed.intents == []


def test_a_generator_that_was_never_started_opened_no_scope() -> None:
    """Calling it runs nothing of it, as without the decorator."""
    numbers().close()

    assert executed.intents == []


def test_a_generator_that_raises_discards_and_raises_the_same() -> None:
    """Also between two items of the consumer's own."""

    @airlock.scoped(executor=executed)
    def failing() -> Generator[int]:
        airlock.enqueue(record, 1)
        yield 1
        raise LookupError("boom")

    running = failing()
    next(running)

    with pytest.raises(LookupError, match="boom"):
        next(running)
    assert executed.intents == []


def talk() -> Generator[object, object, object]:
    """Answer what is sent, tell what was thrown, and clean up when closed."""
    heard: list[object] = []
    try:
        while True:
            try:
                heard.append((yield tuple(heard)))
            except ValueError as error:
                heard.append(repr(error))
            if heard[-1] == "stop":
                return heard
    finally:
        ran.append("cleaned up")


def sends(g: Generator[object, object, object]) -> object:
    """Send twice, then have it return."""
    said: list[object] = [next(g), g.send(1), g.send(None)]
    with pytest.raises(StopIteration) as stop:
        g.send("stop")
    return said, stop.value.value


def throws(g: Generator[object, object, object]) -> object:
    """Throw what the body handles, then what it does not."""
    said: list[object] = [next(g), g.throw(ValueError("handled"))]
    with pytest.raises(LookupError) as caught:
        g.throw(LookupError("not handled"))
    return said, repr(caught.value), next(g, "ended")


def throws_at_once(g: Generator[object, object, object]) -> object:
    """Throw before the first item."""
    with pytest.raises(ValueError, match="early") as caught:
        g.throw(ValueError("early"))
    return repr(caught.value), next(g, "ended")


def sends_at_once(g: Generator[object, object, object]) -> object:
    """Send before the first item, which is a mistake."""
    with pytest.raises(TypeError) as caught:
        g.send(1)
    return str(caught.value)


def closes(g: Generator[object, object, object]) -> object:
    """Close twice, then ask for more. Since Python 3.13 closing returns a value."""
    first = next(g)
    return first, value_of(g.close), value_of(g.close), next(g, "ended")


def value_of(call: Callable[[], object]) -> object:
    """Return what a call returns that is typed as returning nothing."""
    return call()


def polite() -> Generator[object, object, object]:
    """Say something when closed."""
    try:
        yield 1
    except GeneratorExit:
        return "closed politely"
    return "not closed"


def test_a_decorated_generator_returns_what_its_body_does_when_closed() -> None:
    """Since Python 3.13; before, closing returns nothing."""
    assert closes(airlock.scoped()(polite)()) == closes(polite())


@pytest.mark.parametrize("use", [sends, throws, throws_at_once, sends_at_once, closes])
def test_a_decorated_generator_behaves_as_the_undecorated_one(
    use: Callable[[Generator[object, object, object]], object],
) -> None:
    """send, throw, close and the returned value all pass through."""
    decorated = use(airlock.scoped()(talk)()), tuple(ran)
    ran.clear()

    assert decorated == (use(talk()), tuple(ran))


def test_a_generator_that_ignores_its_closing_is_told_so() -> None:
    """As without the decorator; and its scope discards."""

    @airlock.scoped(executor=executed)
    def stubborn() -> Generator[int]:
        airlock.enqueue(record, 1)
        try:
            yield 1
        except GeneratorExit:
            yield 2

    running = stubborn()
    next(running)

    with pytest.raises(RuntimeError, match="ignored GeneratorExit"):
        running.close()
    assert executed.intents == []


def test_a_decorated_generator_is_told_to_be_one() -> None:
    """Frameworks ask `inspect` how to treat a function."""
    assert inspect.isgeneratorfunction(numbers)
    assert numbers.__name__ == "numbers"
    assert numbers.__doc__ == "Enqueue before each item, and after the last."
