"""Every exception of airlock. Each is given facts and writes its own message."""

__all__ = [
    "AirlockError",
    "ArgumentError",
    "AsyncDispatchError",
    "BlockedTaskError",
    "BrokenPluginError",
    "BulkDispatchError",
    "DuplicatePluginError",
    "EffectLimitError",
    "ForkedScopeError",
    "ImportPathError",
    "NoScopeError",
    "NotATaskError",
    "PluginError",
    "PluginTypeError",
    "PolicyEnqueueError",
    "PolicyViolation",
    "ScopeClosedError",
    "ScopeStateError",
    "TaskArgumentsError",
    "UnexpectedEffectError",
    "UnknownPluginError",
]


class AirlockError(Exception):
    """Base of every error that airlock raises on purpose."""


class ArgumentError(AirlockError, TypeError, ValueError):
    """An argument is not what the call needs."""

    def __init__(self, place: str, given: str, expected: str) -> None:
        super().__init__(place, given, expected)

    def __str__(self) -> str:
        place, given, expected = self.args
        return f"{place} got {given}. Pass {expected}."


class NoScopeError(AirlockError):
    """`enqueue()` was called where no scope is active."""

    def __init__(self, task: str) -> None:
        super().__init__(task)

    def __str__(self) -> str:
        return (
            f"enqueue({self.args[0]}) was called outside a scope, so nothing would "
            f"decide when this effect leaves. An active scope is needed: put the "
            f"code that leads here inside `with airlock.scope():`, or call the task "
            f"directly if it should run at once."
        )


class ScopeClosedError(NoScopeError):
    """`enqueue()` was called in a scope that has already ended."""

    def __str__(self) -> str:
        return (
            f"enqueue({self.args[0]}) reached a scope that is already closed, so "
            f"this effect would never leave. Effects are accepted until the scope "
            f"exits: wait for threads and tasks that enqueue before the scope ends, "
            f"or open a scope of their own inside them."
        )


class ForkedScopeError(ScopeClosedError):
    """`enqueue()` was called in a scope of the parent process."""

    def __str__(self) -> str:
        return (
            f"enqueue({self.args[0]}) reached a scope that was inherited through a "
            f"fork and belongs to the parent process, so this effect would never "
            f"leave. Open a scope in the child process: `with airlock.scope():`."
        )


class PolicyEnqueueError(AirlockError):
    """A policy tried to enqueue, or to open a scope, from one of its hooks."""

    def __init__(self, attempt: str) -> None:
        super().__init__(attempt)

    def __str__(self) -> str:
        return (
            f"{self.args[0]} was called from inside a policy. Policies only judge "
            f"intents: observe or raise in `on_enqueue`, answer True or False in "
            f"`allows`. Enqueue from the code that the scope surrounds, or override "
            f"`Scope._dispatch_all` to send more than was enqueued."
        )


class ScopeStateError(AirlockError):
    """The scope's life cycle does not permit this operation now."""

    def __init__(self, operation: str, state: str, remedy: str) -> None:
        super().__init__(operation, state, remedy)

    def __str__(self) -> str:
        operation, state, remedy = self.args
        return f"Cannot {operation} a scope that {state}. {remedy}"


class PolicyViolation(AirlockError):  # noqa: N818 - the specification's name
    """A policy rejected an intent. Custom policies may raise it with any text."""


class UnexpectedEffectError(PolicyViolation):
    """An effect was enqueued where `AssertNoEffects` allows none."""

    def __init__(self, task: str) -> None:
        super().__init__(task)

    def __str__(self) -> str:
        return (
            f"{self.args[0]} was enqueued where AssertNoEffects allows no effect. "
            f"Remove the enqueue from this code path, or choose another policy, "
            f"such as DropAll(), if effects are expected here."
        )


class BlockedTaskError(PolicyViolation):
    """A task was enqueued that the policy does not let through."""

    def __init__(self, task: str, policy: str) -> None:
        super().__init__(task, policy)

    def __str__(self) -> str:
        task, policy = self.args
        return (
            f"{task} was enqueued, but {policy} does not let it through. Remove "
            f"the enqueue from this code path or change the policy; without "
            f"raise_on_enqueue=True the effect is dropped silently at flush."
        )


class EffectLimitError(PolicyViolation):
    """More effects were enqueued than `MaxEffects` allows in one scope."""

    def __init__(self, task: str, limit: int, busiest: str, times: int) -> None:
        super().__init__(task, limit, busiest, times)

    def __str__(self) -> str:
        task, limit, busiest, times = self.args
        return (
            f"{task} would be effect {limit + 1} of this scope, and MaxEffects "
            f"allows {limit}. Enqueued most: {busiest}, {times} of them. Enqueue one "
            f"effect for the whole batch, silence the loop with "
            f"`airlock.policy(airlock.DropAll())`, or raise the limit."
        )


class NotATaskError(AirlockError, TypeError):
    """`enqueue()`, or an executor, was given something that is not a task."""

    def __init__(self, given: str, remedy: str) -> None:
        super().__init__(given, remedy)

    def __str__(self) -> str:
        given, remedy = self.args
        return f"Expected a task, got {given}. {remedy}"


class TaskArgumentsError(AirlockError, TypeError):
    """The arguments of an enqueue do not fit the signature of its task."""

    def __init__(self, task: str, signature: str, cause: str) -> None:
        super().__init__(task, signature, cause)

    def __str__(self) -> str:
        task, signature, cause = self.args
        return (
            f"{task} cannot be called with these arguments: {cause}. Its signature "
            f"is {signature}. Correct the arguments of this enqueue."
        )


class AsyncDispatchError(AirlockError):
    """Dispatching an intent gave an awaitable that nobody could await."""

    def __init__(
        self, task: str, remedy: str = "Write `async with airlock.scope():`"
    ) -> None:
        super().__init__(task, remedy)

    def __str__(self) -> str:
        task, remedy = self.args
        return (
            f"Dispatching {task} returned an awaitable where nothing can await it. It "
            f"was closed or cancelled: what had not begun does not happen. {remedy}, "
            f"or select an executor that hands the task to a queue."
        )


class BulkDispatchError(AirlockError):
    """An executor's `dispatch_many` does not tell how many effects it dispatched."""

    def __init__(self, executor: str, told: str) -> None:
        super().__init__(executor, told)

    def __str__(self) -> str:
        executor, told = self.args
        return (
            f"dispatch_many() of {executor} {told}. Write it as a plain generator that "
            f"yields, after each part it has handed over, how many intents that was, "
            f"and all of them in the end."
        )


class PluginError(AirlockError):
    """Base of what goes wrong when something is selected by name or path."""


class UnknownPluginError(PluginError, LookupError):
    """No installed distribution provides a plugin of that name."""

    def __init__(
        self, kind: str, name: str, known: list[str], distribution: str | None = None
    ) -> None:
        super().__init__(kind, name, known, distribution)

    def __str__(self) -> str:
        kind, name, known, distribution = self.args
        remedy = (
            f"Install {distribution}, which provides it."
            if distribution
            else f"Install the distribution that provides it, write an import path "
            f"such as 'package.module:attribute', or pass the {kind} itself."
        )
        installed = ", ".join(known) or "none"
        return f"No {kind} is named {name!r}. Installed: {installed}. {remedy}"


class DuplicatePluginError(PluginError):
    """Two distributions claim one name; neither is taken."""

    def __init__(self, kind: str, name: str, claims: list[str]) -> None:
        super().__init__(kind, name, claims)

    def __str__(self) -> str:
        kind, name, claims = self.args
        return (
            f"The {kind} name {name!r} is claimed more than once: "
            f"{'; '.join(claims)}. One name must mean one {kind}: uninstall all "
            f"but one of them, or select by import path."
        )


class BrokenPluginError(PluginError):
    """A plugin was found, but importing it failed."""

    def __init__(self, kind: str, name: str, source: str, cause: str) -> None:
        super().__init__(kind, name, source, cause)

    def __str__(self) -> str:
        kind, name, source, cause = self.args
        return (
            f"The {kind} {name!r} from {source} does not load: {cause}. "
            f"Reinstall or upgrade that distribution and what it depends on; "
            f"`python -m airlock` shows the state of every plugin."
        )


class ImportPathError(PluginError, ImportError):
    """An import path leads to no object."""

    def __init__(self, kind: str, path: str, cause: str) -> None:
        super().__init__(kind, path, cause)

    def __str__(self) -> str:
        kind, path, cause = self.args
        return (
            f"The {kind} {path!r} cannot be imported: {cause}. Expected an import "
            f"path such as 'package.module.attribute' or "
            f"'package.module:attribute'; correct it, or install what it needs."
        )


class PluginTypeError(PluginError, TypeError):
    """What was given or found is not an executor, scope class or policy."""

    def __init__(self, kind: str, given: str, expected: str, source: str = "") -> None:
        super().__init__(kind, given, expected, source)

    def __str__(self) -> str:
        kind, given, expected, source = self.args
        origin = f", from {source}," if source else ""
        remedy = (
            "Correct its declaration."
            if source
            else f"Pass one, or the name or import path of an installed {kind}."
        )
        return f"{given}{origin} is not a usable {kind}. Expected {expected}. {remedy}"
