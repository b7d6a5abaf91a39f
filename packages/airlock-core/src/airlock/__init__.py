__path__ = __import__("pkgutil").extend_path(__path__, __name__)
"""Express side effects anywhere. Control whether and when they escape."""

from airlock._api import get_current_scope, policy, scope
from airlock._capturing import CapturingScope
from airlock._carry import Place, carry
from airlock._coalescing import CoalescingScope
from airlock._config import Configuration, configure
from airlock._errors import (
    AirlockError,
    ArgumentError,
    AsyncDispatchError,
    BlockedTaskError,
    BrokenPluginError,
    BulkDispatchError,
    DuplicatePluginError,
    EffectLimitError,
    ForkedScopeError,
    ImportPathError,
    NoScopeError,
    NotATaskError,
    PluginError,
    PluginTypeError,
    PolicyEnqueueError,
    PolicyViolation,
    ScopeClosedError,
    ScopeStateError,
    TaskArgumentsError,
    UnexpectedEffectError,
    UnknownPluginError,
)
from airlock._executor import _execute as _execute
from airlock._intent import Attempt, BulkExecutor, Executor, Intent
from airlock._listing import plugin_table
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
from airlock._policy import Policy
from airlock._region import LocalPolicy
from airlock._registry import (
    Plugin,
    installed_plugins,
    resolve_executor,
    resolve_policy,
    resolve_scope,
)
from airlock._report import Fate, Outcome, Report
from airlock._scope import Scope
from airlock._scoped import scoped

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
    "Attempt",
    "BlockTasks",
    "BlockedTaskError",
    "BrokenPluginError",
    "BulkDispatchError",
    "BulkExecutor",
    "CapturingScope",
    "CoalescingScope",
    "CompositePolicy",
    "Configuration",
    "DropAll",
    "DuplicatePluginError",
    "EffectLimitError",
    "Executor",
    "Fate",
    "ForkedScopeError",
    "ImportPathError",
    "Intent",
    "LocalPolicy",
    "LogOnFlush",
    "MaxEffects",
    "NoScopeError",
    "NotATaskError",
    "Outcome",
    "Place",
    "Plugin",
    "PluginError",
    "PluginTypeError",
    "Policy",
    "PolicyEnqueueError",
    "PolicyViolation",
    "Report",
    "Scope",
    "ScopeClosedError",
    "ScopeStateError",
    "TaskArgumentsError",
    "UnexpectedEffectError",
    "UnknownPluginError",
    "carry",
    "configure",
    "enqueue",
    "get_current_scope",
    "installed_plugins",
    "plugin_table",
    "policy",
    "resolve_executor",
    "resolve_policy",
    "resolve_scope",
    "scope",
    "scoped",
]
