"""An intent, and what receives one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, final

from airlock._awaitable import at_once, is_coroutine_function
from airlock._errors import PluginTypeError
from airlock._name import task_name
from airlock._region import ask

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence

    from airlock._policy import Hook, Policy

    # An intent's origin, dispatch options and call site.
    About: TypeAlias = tuple[str | None, Mapping[str, Any] | None, str | None]

__all__ = [
    "Attempt",
    "BulkExecutor",
    "Executor",
    "Intent",
    "check_policy",
    "make_intent",
    "policy_name",
    "shown",
    "verdict",
]


def check_policy(policy: object) -> None:
    """Refuse what lacks a hook, and a class where an instance is meant."""
    hooks = [getattr(policy, hook, None) for hook in ("on_enqueue", "allows")]
    expected = "the plain methods `on_enqueue(intent)` and `allows(intent)`"
    if isinstance(policy, type):
        expected = f"an instance, such as {policy.__name__}()"
    # Nobody would await the answer of a coroutine function, and it counts as True.
    elif all(map(callable, hooks)) and not any(map(is_coroutine_function, hooks)):
        return
    raise PluginTypeError("policy", repr(policy), expected)


def verdict(policy: Policy, answer: object) -> bool:
    """Return what a policy answered; refuse what would have to be awaited first.

    Raises:
        ArgumentError: If the answer is an awaitable, which always counts as True.
    """
    if answer is True or not answer:
        return bool(answer)
    at_once(f"{policy_name(policy)}.allows()", answer, "True or False")
    return True


def policy_name(policy: object) -> str:
    """Return how a report calls a policy: by its class, or by those inside it."""
    inside = getattr(policy, "policies", ())
    name = type(policy).__name__
    if not isinstance(inside, tuple) or not inside:
        return name
    return f"{name}({', '.join(map(policy_name, inside))})"


def hook_name(hook: Hook) -> str:
    """Return how an error calls the `on_enqueue` of a policy."""
    return f"{policy_name(getattr(hook, '__self__', hook))}.on_enqueue()"


# Of most intents.
_NOTHING: About = (None, None, None)


class Executor(Protocol):
    """Dispatches one intent: a function is enough.

    What it raises ends the flush and reaches the caller unchanged.
    """

    def __call__(self, intent: Intent, /) -> object:
        """Hand the intent to a queue, or run it. Only an awaitable result counts.

        That of a generator function is refused: nothing has run.
        """


class Attempt:
    """What `dispatch_many` yields right before it hands over several intents at once.

    What it raises then leaves all of them in doubt: they count as failed. The next step
    takes that back, also a 0.

    Args:
        count: How many of the next intents.
    """

    __slots__ = ("count",)

    def __init__(self, count: int) -> None:
        self.count = count

    def __repr__(self) -> str:
        return f"Attempt({self.count})"


class BulkExecutor(Executor, Protocol):
    """An executor that can also dispatch many intents for less than one at a time.

    A flush gives it each run of two or more consecutive intents that are its own. A
    function can be one: set it as the function's attribute.
    """

    def dispatch_many(
        self, intents: Sequence[Intent], /
    ) -> Generator[int | Attempt | Awaitable[object], None, None]:
        """Dispatch in order; yield, after each part, how many intents that was.

        Yield only what has certainly been handed over: when it raises, the next of
        these intents counts as failed and those after it as not attempted. What one
        intent has to await is yielded instead of a 1: `aflush()` awaits it there. An
        `Attempt` comes right before several are handed over at once.
        """
        ...  # Pyright takes a docstring alone for a body that returns None.


class _Draft:
    """An intent whose fields are still being written.

    Plain assignment into slots, followed by a change of class, costs a third of
    what a frozen dataclass does, and this runs once per enqueue.
    """

    __slots__ = ("_about", "args", "executor", "kwargs", "local_policies", "task")

    task: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    local_policies: tuple[Policy, ...]
    executor: Executor | None
    # What few intents have shares a slot: there may be a million intents.
    _about: About | None


@final
class Intent(_Draft):
    """One buffered effect: a task and its arguments. It refuses assignment.

    The arguments are kept by reference, not copied: change a list after
    enqueueing it and the task sees the change.

    Args:
        task: What to execute: a function, or a queue's task object.
        args: Its positional arguments.
        kwargs: Its keyword arguments.
        origin: Free text telling where the intent comes from.
        dispatch_options: Options for the executor, such as a countdown.
        local_policies: The `airlock.policy()` regions around the enqueue,
            outermost first.
        executor: What dispatches it; the scope it was enqueued in decides.
        call_site: File and line of the enqueue, with ``configure(call_sites=True)``.
    """

    __slots__ = ()

    def __new__(  # noqa: PLR0913, PLR0917 - one parameter per field
        cls,
        task: Callable[..., Any],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
        origin: str | None = None,
        dispatch_options: Mapping[str, Any] | None = None,
        local_policies: tuple[Policy, ...] = (),
        executor: Executor | None = None,
        call_site: str | None = None,
    ) -> Intent:
        """Write the fields, then close the object to further assignment."""
        about = origin, dispatch_options, call_site
        return make_intent(
            task,
            args,
            {} if kwargs is None else kwargs,
            local_policies,
            executor,
            None if all(part is None for part in about) else about,
        )

    @property
    def origin(self) -> str | None:
        """Free text telling where the intent comes from."""
        return (self._about or _NOTHING)[0]

    @property
    def dispatch_options(self) -> Mapping[str, Any] | None:
        """Options for the executor, such as a countdown."""
        return (self._about or _NOTHING)[1]

    @property
    def call_site(self) -> str | None:
        """File and line of the enqueue, if they were noted."""
        return (self._about or _NOTHING)[2]

    @property
    def name(self) -> str:
        """The task's own name, or ``module:qualname``. Never raises."""
        return task_name(self.task)

    def passes_local_policies(self) -> bool:
        """Ask the captured local policies, innermost first; one refusal is enough.

        Neither the scope's policy nor the scope's own decision is considered.
        """
        return ask(_passes_local_policies, self)

    # Hidden from type checkers: they would take any attribute for assignable.
    if not TYPE_CHECKING:

        def __setattr__(self, field: str, value: object) -> None:
            """Refuse: what was enqueued is what leaves."""
            msg = (
                f"Cannot set {field!r}: an intent does not change after it was "
                f"enqueued. Enqueue another one instead."
            )
            raise AttributeError(msg)

        def __delattr__(self, field: str) -> None:
            """Refuse, as assignment does."""
            self.__setattr__(field, None)

    def __repr__(self) -> str:
        """Show the task and its arguments as a call."""
        return f"<Intent {shown(self)}>"

    def __reduce__(self) -> tuple[type[Intent], tuple[Any, ...]]:
        """Copy and pickle through the constructor, since assignment is refused."""
        return type(self), (
            self.task,
            self.args,
            self.kwargs,
            self.origin,
            self.dispatch_options,
            self.local_policies,
            self.executor,
            self.call_site,
        )


def make_intent(  # noqa: PLR0913, PLR0917 - one parameter per slot
    task: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    local_policies: tuple[Policy, ...],
    executor: Executor | None,
    about: About | None,
) -> Intent:
    """Make an intent for half of what a call of the class costs."""
    draft: Any = _Draft()
    draft.task = task
    draft.args = args
    draft.kwargs = kwargs
    draft.local_policies = local_policies
    draft.executor = executor
    draft._about = about
    draft.__class__ = Intent
    intent: Intent = draft
    return intent


def _passes_local_policies(intent: Intent) -> bool:
    # Reversed, and no further than the first refusal: innermost decides first.
    return all(
        verdict(policy, policy.allows(intent))
        for policy in reversed(intent.local_policies)
    )


def shown(intent: Intent) -> str:
    """Return the intent as a call, for people to read. Never raises."""
    given = [_shown(value) for value in intent.args]
    given += [f"{key}={_shown(value)}" for key, value in intent.kwargs.items()]
    return f"{intent.name}({', '.join(given)})"


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - an argument's repr may raise anything
        return f"<{type(value).__name__} whose repr raised {type(error).__name__}>"
