# What mypy reads as the signature of `enqueue`. PEP 612 allows no parameter between
# *args: P.args and **kwargs: P.kwargs, so `_origin` and `_dispatch_options` stand
# before *args here, once for each number of positional arguments, behind a guard that
# takes no argument: a positional one must not be taken for an option. With more than
# three of them, or with a task that takes **kwargs, mypy checks less: it takes the
# last two to be hidden by the first, and yet they are what it finds for such calls.
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, Never, ParamSpec, TypeAlias, TypeVar, overload

P = ParamSpec("P")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
Options: TypeAlias = Mapping[str, Any] | None

@overload
def enqueue(task: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs) -> None: ...
@overload
def enqueue(
    task: Callable[P, Any],
    /,
    _guard: Never = ...,
    _dispatch_options: Options = None,
    _origin: str | None = None,
    *args: P.args,
    **kwargs: P.kwargs,
) -> None: ...
@overload
def enqueue(
    task: Callable[Concatenate[A, P], Any],
    a: A,
    /,
    _guard: Never = ...,
    _dispatch_options: Options = None,
    _origin: str | None = None,
    *args: P.args,
    **kwargs: P.kwargs,
) -> None: ...
@overload
def enqueue(
    task: Callable[Concatenate[A, B, P], Any],
    a: A,
    b: B,
    /,
    _guard: Never = ...,
    _dispatch_options: Options = None,
    _origin: str | None = None,
    *args: P.args,
    **kwargs: P.kwargs,
) -> None: ...
@overload
def enqueue(
    task: Callable[Concatenate[A, B, C, P], Any],
    a: A,
    b: B,
    c: C,
    /,
    _guard: Never = ...,
    _dispatch_options: Options = None,
    _origin: str | None = None,
    *args: P.args,
    **kwargs: P.kwargs,
) -> None: ...
@overload
def enqueue(  # type: ignore[overload-cannot-match]
    task: Callable[..., Any],
    a: Any,
    b: Any,
    c: Any,
    d: Any,
    /,
    *args: Any,
    _dispatch_options: Mapping[str, Any],
    _origin: str | None = None,
    **kwargs: Any,
) -> None: ...
@overload
def enqueue(  # type: ignore[overload-cannot-match]
    task: Callable[..., Any],
    a: Any,
    b: Any,
    c: Any,
    d: Any,
    /,
    *args: Any,
    _origin: str,
    **kwargs: Any,
) -> None: ...
