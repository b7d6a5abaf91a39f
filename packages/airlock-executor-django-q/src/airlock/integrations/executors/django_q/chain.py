"""Chains: whether a cluster would run them to their end, and how they set out.

The cluster's monitor sends a step on when it keeps the result of the one before. It
breaks, or sends nothing, where that lacks what `async_chain()` writes into it.
"""

from __future__ import annotations

import pydoc
from typing import TYPE_CHECKING, Any

from airlock import ArgumentError
from airlock.integrations.executors.django_q.bound import bound
from airlock.integrations.executors.django_q.function import check_within
from airlock.integrations.executors.django_q.option import (
    OF_AN_ITER,
    TAKEN,
    check_values,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "check_chain",
    "check_option",
    "check_within_task",
    "completed",
    "run_chain",
]

# Of a step: the function, its arguments and its keyword arguments.
_PARTS: tuple[tuple[type, ...], ...] = ((object,), (tuple, list), (dict,))
# What the monitor writes over a step's own, and what it would stumble over.
_LOST = ("broker", "cached", "chain", "group", "sync")
_IMPOSSIBLE = ("func", *OF_AN_ITER)


def check_option(name: str, options: dict[str, Any]) -> None:
    """Raise for the option `chain` of a task that would not be run to its end.

    Raises:
        ArgumentError: If a step is none, or would never be sent.
        NotATaskError: If no cluster could run the function of a step.
    """
    from django_q.conf import Conf  # noqa: PLC0415 - see message.py

    chain = options.get("chain")
    if not chain:
        return
    _check_steps(name, chain)
    # What the steps are given are arguments, and no options.
    followed = [options, *({} for _ in chain[:-1])]
    _check_goes_on(name, followed, options.get("cached", Conf.CACHED))


def check_chain(name: str, chain: Any) -> None:  # noqa: ANN401 - untyped
    """Raise for a `Chain` that would not be run to its end.

    Raises:
        ArgumentError: If it has no steps, or one that would never be sent.
        NotATaskError: If no cluster could run the function of a step.
    """
    steps = chain.chain
    if not steps:
        raise ArgumentError(
            f"enqueue({name})", "no steps", "a chain that has one: append()"
        )
    check_values(name, {"chain": steps})
    _check_steps(name, steps)
    told = [_options_of(name, step) for step in steps]
    _check_goes_on(name, told[:-1], chain.cached)


def check_within_task(name: str, options: dict[str, Any]) -> None:
    """Raise for the chain of an `AsyncTask` that would not be run to its end.

    Raises:
        ArgumentError: If it lacks what the monitor needs, or a step is none, or would
            never be sent.
        NotATaskError: If no cluster could run the function of a step.
    """
    chain = options.get("chain")
    if not chain:
        return
    if not options.keys() >= {"cached", "sync"} or not options.get("group"):
        raise ArgumentError(
            f"enqueue({name})",
            "an AsyncTask with a chain, and without the `group`, `cached` or `sync` "
            "that the monitor looks for when it goes on",
            "a Chain, or the function with _dispatch_options={'chain': [...]}",
        )
    _check_steps(name, chain)
    told = [_options_of(name, step) for step in chain]
    _check_goes_on(name, [options, *told[:-1]], options["cached"])


def completed(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a task with which its chain, if it has one, runs on."""
    from django_q.conf import Conf  # noqa: PLC0415 - see message.py
    from django_q.humanhash import uuid  # noqa: PLC0415

    chain = options.get("chain")
    if not chain:
        return options
    # As async_chain() has it.
    ours = {"cached": Conf.CACHED, "sync": Conf.SYNC}
    group = options.get("group") or uuid()[1]
    steps = [_bound(step) for step in chain]
    return {**ours, **options, "group": group, "chain": steps}


def run_chain(chain: Any) -> None:  # noqa: ANN401 - untyped
    """Run a `Chain`, of which django-q would leave the first step changed."""
    steps = chain.chain
    chain.chain = [_copied(step) for step in steps]
    try:
        chain.run()
    finally:
        chain.chain = steps


def _check_steps(name: str, chain: Iterable[object]) -> None:
    for step in chain:
        parts = _parts(step)
        if not _is_step(parts):
            raise ArgumentError(
                f"enqueue({name})",
                f"the step {step!r} in its chain",
                "a function, or a tuple of it and its arguments: "
                "(function, (1, 2), {'three': 3})",
            )
        check_within(name, parts[0])


def _is_step(parts: tuple[Any, ...]) -> bool:
    if not 1 <= len(parts) <= len(_PARTS):
        return False
    pairs = zip(parts, _PARTS, strict=False)
    return all(isinstance(part, kinds) for part, kinds in pairs)


def _check_goes_on(
    name: str, followed: Iterable[Mapping[str, Any]], is_cached: object
) -> None:
    from django_q.conf import Conf  # noqa: PLC0415 - see message.py

    is_kept = Conf.SAVE_LIMIT >= 0
    if is_cached or all(options.get("save", is_kept) for options in followed):
        return
    raise ArgumentError(
        f"enqueue({name})",
        "a chain that would end early: django-q sends a step on when it keeps the "
        "result of the one before, and would not keep one of them",
        "`cached` for the chain, or leave `save` alone and a `save_limit` in "
        "Q_CLUSTER that is not negative",
    )


def _options_of(name: str, step: object) -> dict[str, Any]:
    """Return what django-q would take for options of a step, once it can be sent."""
    _, _, kwargs = _whole(step)
    apart = kwargs.get("q_options", {})
    if not isinstance(apart, dict):
        raise ArgumentError(
            f"enqueue({name})",
            f"a step of its chain with q_options={apart!r}",
            "a dictionary of options",
        )
    options = {**kwargs, **apart}
    for option in (*_LOST, *_IMPOSSIBLE):
        if option in options:
            raise ArgumentError(
                f"enqueue({name})",
                f"{option!r} for a step of its chain, where django-q has its own",
                "it to the Chain itself, or an argument of that name with the "
                "function: functools.partial()",
            )
    check_values(name, options)
    return options


def _bound(step: object) -> tuple[Any, ...]:
    """Return a step whose arguments are never taken for options."""
    found, args, kwargs = _whole(step)
    if TAKEN.isdisjoint(kwargs):
        return found, args, dict(kwargs)
    # A path was followed when it was checked.
    function: Any = pydoc.locate(found) if isinstance(found, str) else found
    function, left = bound(function, kwargs)
    return function, args, left


def _copied(step: object) -> tuple[Any, ...]:
    function, args, kwargs = _whole(step)
    return function, args, dict(kwargs)


def _whole(step: object) -> tuple[Any, Any, dict[str, Any]]:
    """Return the function, the arguments and the keyword arguments of a step."""
    left: tuple[Any, ...] = (None, (), {})
    parts = _parts(step)
    function, args, kwargs = parts + left[len(parts) :]
    return function, args, kwargs


def _parts(step: object) -> tuple[Any, ...]:
    # As django-q has it: anything but a tuple is the function itself.
    return step if type(step) is tuple else (step,)
