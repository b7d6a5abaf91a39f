"""The intercept of all Celery tasks at once, for the time of a migration."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any

from airlock import ArgumentError
from airlock.integrations.celery import interceptor
from airlock.integrations.celery.entry import is_entry
from airlock.integrations.celery.error import InterceptError
from airlock.integrations.celery.patch import Patches
from airlock.integrations.celery.task import AirlockTask
from celery import Celery, Task, canvas
from celery.local import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["install_global_intercept", "uninstall_global_intercept"]

# Each has an `apply_async` of its own, to which its other methods lead.
_CALLED = (
    Task,
    canvas.Signature,
    canvas._chain,  # noqa: SLF001 - `chain` only makes them
    canvas.group,
    canvas._chord,  # noqa: SLF001 - as above
    canvas._basemap,  # noqa: SLF001 - the parent of xmap and xstarmap
    canvas.chunks,
)

_lock = RLock()
_installed: list[Patches] = []


def install_global_intercept(
    app: Any,  # noqa: ANN401 - Celery is untyped
    wrap_task_execution: bool = True,  # noqa: FBT001, FBT002 - as specified
) -> None:
    """Route what the process publishes through airlock, with a warning.

    Inside a scope `delay()`, `apply_async()` and `send_task()`, of tasks and of
    canvases, buffer one effect and return None. Outside they publish as ever. What
    Celery itself publishes, such as a retry, is sent at once.

    Call it once, when the app is configured and before any task is called.

    Args:
        app: The app whose tasks are wrapped; calls are intercepted for all apps.
        wrap_task_execution: Whether each task of the app, also one that is made
            later, runs in a scope as an `AirlockTask` does.

    Raises:
        ArgumentError: If it is given no app.
        InterceptError: If it is installed already; a `RuntimeError`.
    """
    if not isinstance(app, Celery):
        given = f"{app!r}, which is no Celery app"
        raise ArgumentError("install_global_intercept()", given, "the app itself")
    if isinstance(app, Proxy):
        # It may lead to another app later, and what is meant is the one of now.
        app = app._get_current_object()  # noqa: SLF001
    with _lock:
        if _installed:
            raise InterceptError("installed already")
        patches = Patches()
        try:
            _intercept_calls(patches)
            _watch_tasks(patches, app if wrap_task_execution else None)
        except BaseException:
            patches.undo()
            raise
        _installed.append(patches)


def uninstall_global_intercept() -> None:
    """Put back every attribute of Celery's, and of the tasks, as it was.

    One that someone else has patched since stays theirs; ours below does nothing.

    Raises:
        InterceptError: If it is not installed; a `RuntimeError`.
    """
    with _lock:
        if not _installed:
            raise InterceptError("not installed")
        _installed.pop().undo()


def _intercept_calls(patches: Patches) -> None:
    for owner in _CALLED:
        patches.put(owner, "apply_async", interceptor.intercepting)
    patches.put(Celery, "send_task", interceptor.intercepting_send_task)
    patches.put(Task, "replace", interceptor.marking)
    patches.put(Task, "on_replace", interceptor.postponing)
    for owner in _tasks_of_django():
        patches.put(owner, "apply_async_on_commit", interceptor.intercepting_on_commit)
        patches.put(owner, "delay_on_commit", interceptor.delaying_on_commit)
    for owner in _subclasses(Task):
        _intercept_class(patches, owner)
    for owner in _subclasses(Celery):
        _intercept_app(patches, owner)
    _watch_apps(patches)


def _tasks_of_django() -> list[Any]:
    try:
        from celery.contrib.django.task import DjangoTask  # noqa: PLC0415 - optional
    except ImportError:
        return []
    return [DjangoTask]


def _subclasses(owner: Any) -> Iterator[Any]:  # noqa: ANN401
    # Not of the class itself: those of a metaclass need to be told which.
    for subclass in type.__subclasses__(owner):
        yield subclass
        yield from _subclasses(subclass)


def _intercept_class(patches: Patches, task_class: Any) -> None:  # noqa: ANN401
    """Stand before an `apply_async()` that a class of the project has."""
    if not is_entry(task_class.apply_async):
        patches.put(task_class, "apply_async", interceptor.intercepting)


def _intercept_app(patches: Patches, app_class: Any) -> None:  # noqa: ANN401
    """Stand before a `send_task()` that a class of the project has."""
    if not is_entry(app_class.send_task):
        patches.put(app_class, "send_task", interceptor.intercepting_send_task)


def _watch_apps(patches: Patches) -> None:
    """Reach the classes of apps that are made later."""

    def making(make: Callable[..., None]) -> Callable[..., None]:
        def __init__(self: Any, /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401, N807 - its name
            with _lock:
                _intercept_app(patches, type(self))
            make(self, *args, **kwargs)

        return __init__

    patches.put(Celery, "__init__", making)


def _watch_tasks(patches: Patches, wrapped: Any) -> None:  # noqa: ANN401
    """Reach the tasks that are made later, and wrap those of an app if one is given."""

    def binding(bind: Callable[..., Any]) -> Callable[..., Any]:
        def bind_and_patch(cls: Any, app: Any) -> Any:  # noqa: ANN401
            bound = bind(cls, app)
            with _lock:
                _intercept_class(patches, cls)
                # Celery may hand over a proxy, which is equal to the app and not the
                # same.
                if app == wrapped:
                    _wrap(patches, cls)
            return bound

        return bind_and_patch

    patches.put_classmethod(Task, "bind", binding)
    if wrapped is not None:
        # Not `app.tasks`: that would make Celery read its settings now. A list: other
        # threads may register tasks meanwhile.
        for task in list(wrapped._tasks.values()):  # noqa: SLF001
            _wrap(patches, type(task))


def _wrap(patches: Patches, task_class: Any) -> None:  # noqa: ANN401
    """Give a task class a `__call__`, without which the worker calls `run`."""
    is_abstract = task_class.run is Task.run
    is_celerys = str(task_class.name).startswith("celery.")
    # A scope around a scope of the same execution would be redundant.
    is_wrapped = issubclass(task_class, AirlockTask) or is_entry(task_class.__call__)
    if not (is_abstract or is_celerys or is_wrapped):
        patches.put(task_class, "__call__", interceptor.running_in_scope(task_class))
