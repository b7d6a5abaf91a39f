"""The scope around one execution of a task."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import airlock
from airlock.integrations.executors.celery import celery_executor
from airlock.integrations.executors.sync import sync_executor
from celery import Task
from celery.app.task import Context
from celery.exceptions import Ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airlock import Scope

__all__ = ["marking_replacement", "replacing", "run_in_scope"]


@dataclass(slots=True)
class _Execution:
    """What became of one execution of a task.

    One object for all the requests that Celery pushes in it, which it does whenever the
    task is called in place, and may do for a `__call__` of the project's.
    """

    was_replaced: bool = False
    send_replacement: Callable[[], Any] | None = None


def run_in_scope(task: Any, call: Any, args: Any, kwargs: Any) -> Any:  # noqa: ANN401 - as Celery has it
    """Run the body of a task; flush if it returns, discard if it raises.

    Called by other code in place, and not by Celery, the task belongs to the scope of
    its caller, if there is one.

    Args:
        task: The task.
        call: What `__call__` would be without us, bound to the task.
        args: The arguments of the task.
        kwargs: Its keyword arguments.
    """
    request = task.request_stack.top
    is_traced = _is_traced(request)
    if is_traced and not request._protected and _is_celerys(call):  # noqa: SLF001
        # As Celery's worker does. Its `Task.__call__` would push an empty request
        # over the one that knows the id and the number of retries.
        request._protected = 1  # noqa: SLF001
        call = task.run
    is_inside = not is_traced or _execution_of(task) is not None
    if is_inside and airlock.get_current_scope() is not None:
        return call(*args, **kwargs)
    return _run(task, call, args, kwargs, request if is_traced else Context())


@contextmanager
def marking_replacement(task: Any) -> Iterator[None]:  # noqa: ANN401 - as Celery has it
    """Note that the task has been replaced by another message."""
    try:
        yield
    except Ignore:
        execution = _execution_of(task)
        if execution is not None:
            execution.was_replaced = True
        raise


def replacing(task: Any, send: Callable[[], Any]) -> Any:  # noqa: ANN401 - as Celery has it
    """Send what replaces a task, but after the effects of the task have left.

    Sent before, it would run although the flush fails, and the task with it.

    Args:
        task: The task.
        send: Sends the replacement and raises `Ignore`, or runs it in place.
    """
    execution = _execution_of(task)
    if task.request.is_eager or execution is None:
        return send()
    execution.send_replacement = send
    raise Ignore("Replaced by new task")


def _run(task: Any, call: Any, args: Any, kwargs: Any, request: Any) -> Any:  # noqa: ANN401 - as Celery has it
    execution = request.airlock_execution = _Execution()
    try:
        with _scope_of(task):
            result, ignored = _body(execution, lambda: call(*args, **kwargs))
    finally:
        request.airlock_execution = None
    if execution.send_replacement is not None:
        with suppress(Ignore):
            execution.send_replacement()
    if ignored is not None:
        raise ignored
    return result


def _body(execution: _Execution, call: Callable[[], Any]) -> tuple[Any, Ignore | None]:
    """Return what the body returns, or how it says that it has been replaced."""
    try:
        return call(), None
    except Ignore as error:
        if not execution.was_replaced:
            raise
        # It succeeded into its replacement, and is not made again.
        return None, error


def _execution_of(task: Any) -> _Execution | None:  # noqa: ANN401 - as Celery has it
    """Return the execution that a task is in, if it has a scope of ours."""
    for request in reversed(task.request_stack.stack):
        found: _Execution | None = request.get("airlock_execution")
        # What lies above is a copy or, in older versions of Celery, an empty one.
        if found is not None or _is_traced(request):
            return found
    return None


def _is_traced(request: Any) -> bool:  # noqa: ANN401 - as Celery has it
    """Tell a request that Celery runs the task for from a call by other code."""
    return request is not None and not request.called_directly


def _is_celerys(call: Any) -> bool:  # noqa: ANN401 - any callable
    # Not the function as it was at import: the worker replaces it.
    return getattr(call, "__func__", None) is Task.__call__


def _scope_of(task: Any) -> Scope:  # noqa: ANN401 - as Celery has it
    # From the class: found on the instance, a function would turn into a method.
    policy, executor, scope = (
        getattr(type(task), f"airlock_{noun}", None)
        for noun in ("policy", "executor", "scope")
    )
    made = airlock.scope(policy, executor=executor, _cls=scope)
    if executor is None and made.executor is sync_executor:
        # Nothing was chosen, and a task's effects belong in a queue like itself.
        made = airlock.scope(policy, executor=celery_executor, _cls=scope)
    return made
