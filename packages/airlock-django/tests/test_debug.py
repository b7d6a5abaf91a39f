"""What helps to find mistakes, and is on where Django's ``DEBUG`` is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from bakery.tasks import deliver
from django.core.management.base import BaseCommand
from django.http import HttpRequest, HttpResponse
from django.test import override_settings

import airlock
from airlock.integrations.django import AirlockMiddleware, airlock_command
from airlock.integrations.django.settings import make_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

mistaken: Any = deliver


class Command(BaseCommand):
    """One that makes a mistake."""

    @airlock_command
    def handle(self, *args: object, **options: object) -> None:
        """Give a task an argument that it has not."""
        del args, options
        airlock.enqueue(mistaken, loaf="rye")


def in_a_scope() -> None:
    """Do so where the application is installed."""
    with airlock.configure(scope=make_scope), airlock.scope() as scope:
        try:
            airlock.enqueue(mistaken, loaf="rye")
        finally:
            scope.exit()
            scope.discard()


def in_a_request() -> None:
    """Do so in a view, which then fails."""

    def view(request: HttpRequest) -> HttpResponse:
        del request
        airlock.enqueue(mistaken, loaf="rye")
        return HttpResponse(status=400)

    AirlockMiddleware(view)(HttpRequest())


def in_a_command() -> None:
    """Do so in a command that sends nothing."""
    with airlock.policy(airlock.DropAll()):
        Command().handle()


def no_scope(*args: object, **options: object) -> None:
    """Make nothing."""
    del args, options


@pytest.fixture(params=[in_a_scope, in_a_request, in_a_command])
def make_mistake(request: pytest.FixtureRequest) -> Callable[[], None]:
    """Each of the places that follow the settings."""
    place: Callable[[], None] = request.param
    return place


@pytest.fixture
def _debugging() -> Iterator[None]:
    """As while a project is being written."""
    with override_settings(DEBUG=True):
        yield


def call_site() -> str | None:
    """Return where an effect says that it was enqueued."""
    with airlock.scope(airlock.DropAll(), _cls=make_scope) as scope:
        airlock.enqueue(deliver, "rye")
    return scope.intents[0].call_site


@pytest.mark.usefixtures("_debugging")
def test_a_mistake_is_raised_where_it_is_made(make_mistake: Callable[[], None]) -> None:
    """And not when the effects leave, by which time its line is forgotten."""
    with pytest.raises(airlock.TaskArgumentsError):
        make_mistake()


def test_elsewhere_it_costs_nothing(make_mistake: Callable[[], None]) -> None:
    """Asking takes longer than the enqueue."""
    make_mistake()

    assert call_site() is None


@pytest.mark.usefixtures("_debugging")
def test_effects_know_where_they_were_enqueued() -> None:
    """The account and errors of the flush tell it."""
    assert (call_site() or "").startswith(__file__)


def test_a_test_may_ask_for_it(make_mistake: Callable[[], None]) -> None:
    """Test runners turn ``DEBUG`` off."""
    with (
        airlock.configure(verify=True, call_sites=True),
        pytest.raises(airlock.TaskArgumentsError),
    ):
        make_mistake()


@pytest.mark.usefixtures("_debugging")
def test_what_is_no_scope_is_told_as_ever() -> None:
    """Whatever ``SCOPE`` has made."""
    with (
        override_settings(AIRLOCK={"SCOPE": no_scope}),
        pytest.raises(airlock.PluginTypeError),
    ):
        airlock.scope(_cls=make_scope)


@pytest.mark.usefixtures("_debugging")
def test_a_project_may_turn_it_off(make_mistake: Callable[[], None]) -> None:
    """What it says itself counts for more."""
    with airlock.configure(verify=False, call_sites=False):
        make_mistake()
        assert call_site() is None


@pytest.mark.usefixtures("_debugging")
def test_a_scope_may_be_without_it(baked: list[str]) -> None:
    """What the line says counts for more."""
    with airlock.scope(airlock.DropAll(), verify=False, _cls=make_scope):
        airlock.enqueue(mistaken, loaf="rye")

    assert baked == []
