__path__ = __import__("pkgutil").extend_path(__path__, __name__)
"""Express side effects anywhere. Control whether and when they escape."""

from airlock._api import get_current_scope, policy, scope, scoped
from airlock._config import Configuration, configure
from airlock._errors import (
    AirlockError,
    ArgumentError,
    AsyncDispatchError,
    BlockedTaskError,
    BrokenPluginError,
    DuplicatePluginError,
    EffectLimitError,
    ImportPathError,
    NoScopeError,
    NotATaskError,
    PluginError,
    PluginTypeError,
    PolicyEnqueueError,
    PolicyViolation,
    ScopeClosedError,
    ScopeStateError,
    UnexpectedEffectError,
    UnknownPluginError,
)
from airlock._executor import _execute as _execute
from airlock._intent import Executor, Intent, Policy
from airlock._policies import (
    AllowAll,
    AllowTasks,
    AssertNoEffects,
    BlockTasks,
    CompositePolicy,
    DropAll,
    LogOnFlush,
    MaxEffects,
)
from airlock._region import LocalPolicy
from airlock._registry import (
    Plugin,
    installed_plugins,
    resolve_executor,
    resolve_policy,
    resolve_scope,
)
from airlock._scope import Scope

# Mypy takes this name to be true; nothing else does.
MYPY = False
if MYPY:
    from airlock._signature import enqueue as enqueue
else:
    from airlock._api import enqueue as enqueue
del MYPY

__all__ = [
    "AirlockError",
    "AllowAll",
    "AllowTasks",
    "ArgumentError",
    "AssertNoEffects",
    "AsyncDispatchError",
    "BlockTasks",
    "BlockedTaskError",
    "BrokenPluginError",
    "CompositePolicy",
    "Configuration",
    "DropAll",
    "DuplicatePluginError",
    "EffectLimitError",
    "Executor",
    "ImportPathError",
    "Intent",
    "LocalPolicy",
    "LogOnFlush",
    "MaxEffects",
    "NoScopeError",
    "NotATaskError",
    "Plugin",
    "PluginError",
    "PluginTypeError",
    "Policy",
    "PolicyEnqueueError",
    "PolicyViolation",
    "Scope",
    "ScopeClosedError",
    "ScopeStateError",
    "UnexpectedEffectError",
    "UnknownPluginError",
    "configure",
    "enqueue",
    "get_current_scope",
    "installed_plugins",
    "policy",
    "resolve_executor",
    "resolve_policy",
    "resolve_scope",
    "scope",
    "scoped",
]
