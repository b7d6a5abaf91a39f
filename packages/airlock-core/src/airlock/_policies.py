"""The built-in policies."""

from __future__ import annotations

from collections import Counter
from types import FunctionType
from typing import TYPE_CHECKING
from weakref import finalize

from airlock._context import current_scope
from airlock._errors import (
    ArgumentError,
    BlockedTaskError,
    EffectLimitError,
    UnexpectedEffectError,
)
from airlock._intent import verdict
from airlock._lock import Lock
from airlock._name import code_name, task_name, unwrapped
from airlock._policy import Policy, nothing
from airlock._registry import resolve_policy

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
            "at flush: %s args=%r kwargs=%r origin=%r",
            intent.name,
            intent.args,
            intent.kwargs,
            intent.origin,
        )
        return True


class CompositePolicy(Policy):
    """Let through what every one of several policies lets through.

    Args:
        *policies: Asked in this order, no further than the first refusal; each a
            policy, or its name or import path.

    Raises:
        PluginError: If one of them is not to be had, or is not a policy.
    """

    def __init__(self, *policies: Policy | str) -> None:
        self._policies = tuple(map(resolve_policy, policies))

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Those that are asked, in order."""
        return self._policies

    def on_enqueue(self, intent: Intent) -> None:
        """Tell the policies in order, up to the first that raises."""
        for policy in self._policies:
            policy.on_enqueue(intent)

    def allows(self, intent: Intent) -> bool:
        """Ask until one refuses."""
        return all(verdict(p, p.allows(intent)) for p in self._policies)


class _NamedTasks:
    """A set of tasks, each given as a name or as the task itself."""

    def __init__(self, policy: str, names: Iterable[Any]) -> None:
        if isinstance(names, str) or not hasattr(names, "__iter__"):
            usage = f"a set or list of task names or task objects: {policy}([...])"
            raise ArgumentError(policy, repr(names), usage)
        # What strings say may be part of a name; a task object gives its whole name.
        self._spelt: set[str] = set()
        self._full: set[str] = set()
        self._objects: list[object] = []
        # What was found for functions: as many as the program has in its modules.
        self._known: dict[tuple[str, str], bool] = {}
        for entry in names:
            self._include(policy, entry)

    def _include(self, policy: str, entry: object) -> None:
        if isinstance(entry, str) and entry:
            self._spelt.add(entry.replace(":", "."))
        elif not callable(entry) and not hasattr(entry, "name"):
            raise ArgumentError(policy, repr(entry), "task names or task objects only")
        elif _is_named_apart(entry):
            self._full.add(task_name(entry).replace(":", "."))
        else:
            self._objects.append(unwrapped(entry))

    def has(self, intent: Intent) -> bool:
        """Tell whether the intent's task is one of them."""
        task = intent.task
        if type(task) is not FunctionType or task.__dict__ or self._objects:
            return self._find(intent)
        # A function without attributes is called by these two alone. To compare its
        # spellings with a hundred names would cost ten times as much as this.
        try:
            return self._known[task.__module__, task.__qualname__]
        except KeyError:
            found = self._find(intent)
            self._known[task.__module__, task.__qualname__] = found
            return found

    def _find(self, intent: Intent) -> bool:
        # Both names: a queue's message may call itself less than its task does.
        for name in (intent.name, code_name(intent.task)):
            full = name.replace(":", ".")
            spellings = (full, name.rpartition(":")[2], full.rpartition(".")[2])
            if full in self._full or not self._spelt.isdisjoint(spellings):
                return True
        return bool(self._objects) and unwrapped(intent.task) in self._objects


def _is_named_apart(task: object) -> bool:
    # Lambdas and nested functions share their name with others, and so do the
    # instances of a class that can be called, unless they have a name of their own.
    name = task_name(task)
    is_function = hasattr(unwrapped(task), "__qualname__")
    return "<" not in name and (is_function or name != code_name(task))


class _TasksPolicy(Policy):
    def __init__(self, names: Iterable[Any], *, raise_on_enqueue: bool = False) -> None:
        self._tasks = _NamedTasks(type(self).__name__, names)
        self._raise_on_enqueue = raise_on_enqueue
        if not raise_on_enqueue and type(self).on_enqueue is _TasksPolicy.on_enqueue:
            # As nearly all of them are made: nobody calls it then.
            self.on_enqueue = nothing  # type: ignore[method-assign]

    def on_enqueue(self, intent: Intent) -> None:
        """Raise `BlockedTaskError` for a refused task, if asked to."""
        if self._raise_on_enqueue and not self.allows(intent):
            raise BlockedTaskError(intent.name, type(self).__name__)


class BlockTasks(_TasksPolicy):
    """Drop some tasks and let all others leave.

    Args:
        names: What to drop. A string is the full name (``pkg.mod:function``, or
            the same with dots), or what stands behind the module: ``function``,
            ``Class.method`` or the bare ``method``. A task object cannot be
            misspelt, and also stands for partials and messages of that task.
        raise_on_enqueue: Raise `BlockedTaskError`, a `PolicyViolation`, at the
            call site instead of dropping at flush.

    Raises:
        ArgumentError: If `names` is a lone string or holds anything else.
    """

    def allows(self, intent: Intent) -> bool:
        """Refuse the listed tasks."""
        return not self._tasks.has(intent)


class AllowTasks(_TasksPolicy):
    """Let only some tasks leave and drop all others.

    Args and errors are those of `BlockTasks`; `names` says what may leave.
    """

    def allows(self, intent: Intent) -> bool:
        """Let the listed tasks through, and no other."""
        return self._tasks.has(intent)


class MaxEffects(Policy):
    """Raise at the call site when a scope gets more effects than expected.

    Each effect counts that no policy asked before refuses at the call site, also those
    that are dropped at flush.
    One instance may serve many scopes and threads: each scope is counted apart.

    Args:
        limit: How many effects one scope may enqueue.

    Raises:
        ArgumentError: If `limit` is negative or not an integer.
    """

    def __init__(self, limit: int) -> None:
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
            raise ArgumentError("MaxEffects", repr(limit), "an integer of 0 or more")
        self._limit = limit
        self._lock = Lock()
        # By identity: a subclass of Scope may define what is equal, and lose its hash.
        self._counts: dict[int, Counter[str]] = {}

    def on_enqueue(self, intent: Intent) -> None:
        """Count the effect, or raise `EffectLimitError`, a `PolicyViolation`."""
        name = intent.name
        scope = current_scope.get()
        if scope is None or not scope.is_active:
            return
        with self._lock:
            counts = self._of(scope)
            if counts.total() >= self._limit:
                [(busiest, times)] = counts.most_common(1) or [(name, 0)]
                raise EffectLimitError(name, self._limit, busiest, times)
            counts[name] += 1

    def _of(self, scope: Scope) -> Counter[str]:
        if id(scope) not in self._counts:
            self._counts[id(scope)] = Counter()
            finalize(scope, self._counts.pop, id(scope)).atexit = False
        return self._counts[id(scope)]

    def __reduce__(self) -> tuple[type[MaxEffects], tuple[int]]:
        """Copy and pickle the limit; the counts belong to this process's scopes."""
        return MaxEffects, (self._limit,)
