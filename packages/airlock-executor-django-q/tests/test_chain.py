"""Chains run to their end, or are refused where they could not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django_q.conf import Conf
from django_q.models import Task
from django_q.tasks import AsyncTask, Chain, Iter
from parcels import ran, send
from queued_parcels import queued, run_all

import airlock
from airlock import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db(transaction=True)


def flush(task: Any, *args: Any, verify: bool = False, **options: Any) -> None:
    """Let one effect leave."""
    with airlock.scope(executor="django_q", verify=verify):
        airlock.enqueue(task, *args, _dispatch_options=options or None)


def chain_of(*steps: dict[str, Any], **settings: Any) -> Chain:
    """Return a chain of steps that are told these options."""
    chain = Chain(**settings)
    for number, options in enumerate(steps, 1):
        chain.append(send, number, **options)
    return chain


@pytest.fixture
def _unsaved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Configure that a success is not saved."""
    monkeypatch.setattr(Conf, "SAVE_LIMIT", -1)


WHOLE = {"chain": [send], "group": "mail", "cached": 0, "sync": False}
WHOLE_OF_STEPS = {**WHOLE, "chain": [(send, (), {"group": "packers"})]}
REFUSED: dict[str, Any] = {
    "arguments": lambda: (send, {"chain": [(send, 1)]}),
    "keyword arguments": lambda: (send, {"chain": [send, (send, (1,), 2)]}),
    "no step": lambda: (Chain([()]), {}),
    "no list": lambda: (Chain((send,)), {}),
    "unsaved": lambda: (send, {"chain": [send], "save": False}),
    "unsaved step": lambda: (chain_of({}, {"save": False}, {}), {}),
    "unsaved apart": lambda: (chain_of({"q_options": {"save": 0}}, {}), {}),
    "of an AsyncTask": lambda: (AsyncTask(send, 1, chain=[(send, (2,))]), {}),
    "of an AsyncTask, unsaved": lambda: (AsyncTask(send, **WHOLE, save=False), {}),
    "of an AsyncTask, overwritten": lambda: (AsyncTask(send, **WHOLE_OF_STEPS), {}),
    "of an Iter that says all": lambda: (Iter(send, [1], WHOLE), {}),
    "of an Iter": lambda: (Iter(send, [1], {"chain": [(send, (2,))]}), {}),
    "overwritten group": lambda: (chain_of({"group": "packers"}, {}), {}),
    "overwritten apart": lambda: (chain_of({}, {"q_options": {"cached": 1}}), {}),
    "unknown": lambda: (chain_of({}, {"iter_count": 1}), {}),
    "func": lambda: (Chain([(send, (), {"func": 1})]), {}),
    "timeout": lambda: (chain_of({}, {"timeout": "soon"}), {}),
    "options that are none": lambda: (chain_of({}, {"q_options": 5}), {}),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("verify", [True, False])
def test_a_chain_that_would_end_early_is_refused(
    make: Callable[[], tuple[Any, dict[str, Any]]], *, verify: bool
) -> None:
    """The cluster would run its first steps, and lose the others without a word."""
    task, options = make()

    with pytest.raises(ArgumentError, match=r"^enqueue\(") as caught:
        flush(task, verify=verify, **options)

    assert "chain" in str(caught.value) or "timeout" in str(caught.value)
    assert queued() == []


@pytest.mark.usefixtures("_unsaved")
@pytest.mark.parametrize("make", [lambda: chain_of({}, {}), lambda: send])
def test_where_nothing_is_saved_a_chain_is_refused(make: Callable[[], Any]) -> None:
    """Django-q sends the next step on when it saves the result of one."""
    task = make()
    options: dict[str, Any] = {} if isinstance(task, Chain) else {"chain": [send]}

    with pytest.raises(ArgumentError, match="save_limit"):
        flush(task, **options)

    assert queued() == []


@pytest.mark.usefixtures("_unsaved")
def test_a_chain_that_is_kept_in_the_cache_runs_to_its_end() -> None:
    """There it is sent on as well."""
    flush(chain_of({}, {}, {}, cached=60))
    flush(send, 4, chain=[(send, (5,)), (send, (6,))], cached=60, group=None)
    run_all()

    assert sorted(ran) == [(number,) for number in range(1, 7)]


def test_the_last_step_need_not_be_saved() -> None:
    """Nothing follows it."""
    flush(chain_of({}, {"save": False}))
    run_all()

    assert ran == [(1,), (2,)]


@pytest.mark.parametrize("options", [{"group": None}, {"group": "", "cached": 60}])
def test_a_chain_without_a_group_is_given_one(options: dict[str, Any]) -> None:
    """As async_chain() does: the monitor needs it."""
    flush(send, 1, chain=[(send, (2,)), send], **options)
    run_all()

    assert ran == [(1,), (2,), ()]


def test_an_argument_of_a_step_is_never_taken_for_an_option() -> None:
    """In the option, where all else is an argument too."""
    taken = {"group": "packers", "cached": 7, "timeout": "soon", "save": False}
    steps = [(send, (2,), {**taken, "x": 1}), ("parcels.send", [3], taken), send]

    flush(send, 1, chain=steps, verify=True)
    run_all()

    assert ran == [(1,), (2, {**taken, "x": 1}), (3, taken), ()]
    assert steps[0] == (send, (2,), {**taken, "x": 1})


def test_what_a_step_of_a_prepared_chain_is_told_is_kept() -> None:
    """There it means what django-q says."""
    told = {"task_name": "receipt", "q_options": {"timeout": 7}, "subject": "hello"}
    flush(chain_of({}, told))
    [message] = queued()
    run_all()

    assert message["chain"] == [(send, (2,), told)]
    assert ran == [(1,), (2, {"subject": "hello"})]
    assert Task.objects.filter(name="receipt").count() == 1


def test_a_path_in_a_step_stays_one() -> None:
    """What it leads to may be no function that can be pickled by its name."""
    flush(send, 1, chain=["parcels.nameless", ("parcels.nameless", (2,))], verify=True)
    run_all()

    assert ran == [(1,), ("nameless",), ("nameless", 2)]


def test_what_cannot_be_pickled_with_its_arguments_is_refused_at_the_call() -> None:
    """Bound to arguments of such names, a path is no path any more."""
    steps = [("parcels.nameless", (), {"group": "packers"})]

    with (
        airlock.scope(airlock.DropAll(), executor="django_q", verify=True),
        pytest.raises(ArgumentError, match="cannot be pickled"),
    ):
        airlock.enqueue(send, 1, _dispatch_options={"chain": steps})


@pytest.mark.parametrize("cached", [0, 60])
def test_an_async_task_that_says_all_of_it_may_have_a_chain(cached: int) -> None:
    """Django-q has no other way to give the first step a hook."""
    steps = [(send, (2,)), (send, (3,))]
    told = {"group": "mail", "cached": cached, "sync": False}
    flush(AsyncTask(send, 1, chain=steps, **told))
    run_all()

    assert ran == [(1,), (2,), (3,)]


def test_a_chain_may_be_enqueued_again() -> None:
    """What kept it from leaving may be over."""
    chain = chain_of({}, {})

    for _ in range(2):
        flush(chain)
    run_all()

    assert sorted(ran) == [(1,), (1,), (2,), (2,)]
    assert chain.chain == [(send, (1,), {}), (send, (2,), {})]
