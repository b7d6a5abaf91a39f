"""What a task is called, whatever kind of object it is."""

from __future__ import annotations

__all__ = ["attribute", "code_name", "task_name", "unwrapped"]

_MOST_LAYERS = 10


def unwrapped(task: object) -> object:
    """Return the function inside partials, decorators and task objects."""
    return _layers(task)[-1]


def task_name(task: object) -> str:
    """Return the task's own string name, or ``module:qualname``. Never raises."""
    for layer in _layers(task):
        # One queue's task objects and messages call it `actor_name`.
        for place in ("name", "actor_name"):
            own = attribute(layer, place)
            if isinstance(own, str) and own:
                return own
    return code_name(task)


def code_name(task: object) -> str:
    """Return where the task's code is, ``module:qualname``, whatever its own name."""
    function = unwrapped(task)
    qualname = attribute(function, "__qualname__")
    if not isinstance(qualname, str):
        function = type(function)
        qualname = function.__qualname__
    module = attribute(function, "__module__")
    # Methods of built-in objects have no module.
    return f"{module if isinstance(module, str) else 'builtins'}:{qualname}"


def _layers(task: object) -> list[object]:
    # Bounded: decorators may wrap in a circle, and a mock has every attribute.
    layers = [task]
    while len(layers) < _MOST_LAYERS and (inner := _inside(layers[-1])) is not None:
        layers.append(inner)
    return layers


def _inside(task: object) -> object:
    # A queue's task object commonly keeps its function as `func` or `fn`.
    for place in ("__wrapped__", "func", "fn"):
        inner = attribute(task, place)
        if callable(inner):
            return inner
    return None


def attribute(owner: object, name: str) -> object:
    """Return an attribute, or None; a task's property may raise anything."""
    try:
        return getattr(owner, name, None)
    except Exception:  # noqa: BLE001 - as said above
        return None
