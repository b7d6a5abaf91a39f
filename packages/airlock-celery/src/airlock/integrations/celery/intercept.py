"""The intercept of all Celery tasks at once, for the time of a migration."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any

from airlock import ArgumentError
from airlock.integrations.celery import interceptor
from airlock.integrations.celery.error import InterceptError
from airlock.integrations.celery.patch import Patches
from airlock.integrations.celery.task import AirlockTask
from celery import Celery, Task, canvas

if TYPE_CHECKING:
    from collections.abc import Callable

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
    with _lock:
        if _installed:
            raise InterceptError("installed already")
        patches = Patches()
        _installed.append(patches)
        _intercept_calls(patches)
        if wrap_task_execution:
            _wrap_tasks(patches, app)


def uninstall_global_intercept() -> None:
    """Put back every attribute of Celery's, and of the tasks, as it was.

    Raises:
        InterceptError: If it is not installed; a `RuntimeError`.
    """
    with _lock:
        if not _installed:
            raise InterceptError("not installed")
        _installed.pop().undo()


def _intercept_calls(patches: Patches) -> None:
    apply_async = Task.apply_async
    for owner in _CALLED:
        original = vars(owner)["apply_async"]
        patches.put(owner, "apply_async", interceptor.intercepting(original))
    send_task = interceptor.intercepting_send_task(Celery.send_task)
    patches.put(Celery, "send_task", send_task)
    patches.put(Task, "replace", interceptor.marking(Task.replace))
    for owner in _tasks_of_django():
        original = owner.apply_async_on_commit
        for_django = interceptor.intercepting_on_commit(original, apply_async)
        patches.put(owner, "apply_async_on_commit", for_django)
        patches.put(owner, "delay_on_commit", _delaying(for_django))


def _tasks_of_django() -> list[Any]:
    try:
        from celery.contrib.django.task import DjangoTask  # noqa: PLC0415 - optional
    except ImportError:
        return []
    return [DjangoTask]


def _delaying(apply_async_on_commit: Callable[..., Any]) -> Callable[..., None]:
    def delay_on_commit(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        apply_async_on_commit(self, args, kwargs)

    return delay_on_commit


def _wrap_tasks(patches: Patches, app: Any) -> None:  # noqa: ANN401
    bind = Task.bind.__func__

    def bind_and_wrap(cls: Any, bound_to: Any) -> Any:  # noqa: ANN401
        bound = bind(cls, bound_to)
        # Celery may hand over a proxy, which is equal to the app and not the same.
        if bound_to == app:
            _wrap(patches, cls)
        return bound

    patches.put(Task, "bind", classmethod(bind_and_wrap))
    # Not `app.tasks`: that would make Celery read its settings now.
    for task in app._tasks.values():  # noqa: SLF001
        _wrap(patches, type(task))


def _wrap(patches: Patches, task_class: Any) -> None:  # noqa: ANN401
    """Give a task class a `__call__`, without which the worker calls `run`."""
    is_abstract = task_class.run is Task.run
    is_celerys = str(task_class.name).startswith("celery.")
    # A scope around a scope of the same execution would be redundant.
    module = getattr(task_class.__call__, "__module__", None)
    is_wrapped = issubclass(task_class, AirlockTask) or module == interceptor.__name__
    if is_abstract or is_celerys or is_wrapped:
        return
    with _lock:
        patches.put(task_class, "__call__", interceptor.running_in_scope(task_class))
