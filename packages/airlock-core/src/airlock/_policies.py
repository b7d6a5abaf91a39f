"""The built-in policies."""

from __future__ import annotations

from collections import Counter
from threading import RLock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from airlock._context import current_scope
from airlock._errors import (
    BlockedTaskError,
    EffectLimitError,
    PluginTypeError,
    UnexpectedEffectError,
)
from airlock._intent import Policy, check_policy, code_name, task_name, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from logging import Logger
    from typing import Any

    from airlock._intent import Intent
    from airlock._scope import Scope

__all__ = [
    "AllowAll",
    "AllowTasks",
    "AssertNoEffects",
    "BlockTasks",
    "CompositePolicy",
    "DropAll",
    "LogOnFlush",
    "MaxEffects",
]


class AllowAll(Policy):
    """Let everything leave. The default."""


class DropAll(Policy):
    """Let nothing leave, silently. The intents are still recorded."""

    def allows(self, intent: Intent) -> bool:
        """Refuse every intent."""
        del intent
        return False


class AssertNoEffects(Policy):
    """Raise at the call site of any `enqueue()`. For tests of pure logic."""

    def on_enqueue(self, intent: Intent) -> None:
        """Raise `UnexpectedEffectError`, a `PolicyViolation`."""
        raise UnexpectedEffectError(intent.name)

    def allows(self, intent: Intent) -> bool:
        """Refuse every intent, in case one was enqueued before."""
        del intent
        return False


class LogOnFlush(Policy):
    """Log each intent that reaches this policy at flush, and let it pass.

    Args:
        logger: Where to log, at level INFO. By default the logger ``airlock``.
    """

    def __init__(self, logger: Logger | None = None) -> None:
        if logger is None:
            # Imported here: most programs that import airlock never log through it.
            from logging import getLogger  # noqa: PLC0415

            logger = getLogger("airlock")
        self._logger = logger

    def allows(self, intent: Intent) -> bool:
        """Log the intent's task, arguments and origin."""
        self._logger.info(
            "dispatching %s args=%r kwargs=%r origin=%r",
            intent.name,
            intent.args,
            intent.kwargs,
            intent.origin,
        )
        return True


class CompositePolicy(Policy):
    """Let through what every one of several policies lets through.

    Args:
        *policies: Asked in this order, no further than the first refusal.
    """

    def __init__(self, *policies: Policy) -> None:
        for policy in policies:
            check_policy(policy)
        self._policies = policies

    def on_enqueue(self, intent: Intent) -> None:
        """Tell every policy. The first one that raises keeps the intent out."""
        for policy in self._policies:
            policy.on_enqueue(intent)

    def allows(self, intent: Intent) -> bool:
        """Ask until one refuses."""
        return all(policy.allows(intent) for policy in self._policies)


class _NamedTasks:
    """A set of tasks, each given as a name or as the task itself."""

    def __init__(self, policy: str, tasks: Iterable[Any]) -> None:
        if isinstance(tasks, str) or not hasattr(tasks, "__iter__"):
            raise PluginTypeError(
                "collection of tasks",
                repr(tasks),
                f"a set or list of task names or task objects: {policy}([...])",
            )
        self._names: set[str] = set()
        self._functions: list[object] = []
        for task in tasks:
            self._include(policy, task)

    def _include(self, policy: str, task: object) -> None:
        if isinstance(task, str) and task:
            self._names.add(task.replace(":", "."))
        elif not callable(task) and not hasattr(task, "name"):
            raise PluginTypeError(
                f"entry of {policy}", repr(task), "a task's name or the task itself"
            )
        elif "<" in (name := task_name(task)):
            # Lambdas and nested functions share their name with others.
            self._functions.append(unwrapped(task))
        else:
            self._names.add(name.replace(":", "."))

    def __contains__(self, intent: Intent) -> bool:
        # Both names: a queue's message may call itself less than its task does.
        for name in (intent.name, code_name(intent.task)):
            full = name.replace(":", ".")
            if full in self._names or full.rpartition(".")[2] in self._names:
                return True
        return bool(self._functions) and unwrapped(intent.task) in self._functions


class _TasksPolicy(Policy):
    def __init__(self, tasks: Iterable[Any], *, raise_on_enqueue: bool = False) -> None:
        self._tasks = _NamedTasks(type(self).__name__, tasks)
        self._raise_on_enqueue = raise_on_enqueue

    def on_enqueue(self, intent: Intent) -> None:
        """Raise `BlockedTaskError` for a refused task, if asked to."""
        if self._raise_on_enqueue and not self.allows(intent):
            raise BlockedTaskError(intent.name, type(self).__name__)


class BlockTasks(_TasksPolicy):
    """Drop some tasks and let all others leave.

    Args:
        tasks: What to drop. A string is the full name (``pkg.mod:function``, or
            the same with dots) or the bare function name. A task object cannot
            be misspelt, and also stands for partials and messages of that task.
        raise_on_enqueue: Raise `BlockedTaskError`, a `PolicyViolation`, at the
            call site instead of dropping at flush.

    Raises:
        PluginTypeError: If `tasks` is a lone string or holds anything else.
    """

    def allows(self, intent: Intent) -> bool:
        """Refuse the listed tasks."""
        return intent not in self._tasks


class AllowTasks(_TasksPolicy):
    """Let only some tasks leave and drop all others.

    Args and errors are those of `BlockTasks`; `tasks` says what may leave.
    """

    def allows(self, intent: Intent) -> bool:
        """Let the listed tasks through, and no other."""
        return intent in self._tasks


class MaxEffects(Policy):
    """Raise at the call site when a scope gets more effects than expected.

    Every enqueue counts, also of effects that another policy drops later. One
    instance may serve many scopes and threads: each scope is counted apart.

    Args:
        limit: How many effects one scope may enqueue.

    Raises:
        ValueError: If `limit` is negative or not an integer.
    """

    def __init__(self, limit: int) -> None:
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
            msg = (
                f"MaxEffects({limit!r}): the limit is a number of effects. "
                f"Pass an integer of 0 or more."
            )
            raise ValueError(msg)
        self._limit = limit
        self._lock = RLock()
        self._counts: WeakKeyDictionary[Scope, Counter[str]] = WeakKeyDictionary()

    def on_enqueue(self, intent: Intent) -> None:
        """Count the effect, or raise `EffectLimitError`, a `PolicyViolation`."""
        name = intent.name
        scope = current_scope.get()
        if scope is None:
            return
        with self._lock:
            counts = self._counts.setdefault(scope, Counter())
            if counts.total() >= self._limit:
                [(busiest, times)] = counts.most_common(1) or [(name, 0)]
                raise EffectLimitError(name, self._limit, busiest, times)
            counts[name] += 1
