"""What can go wrong with the global intercept."""

from __future__ import annotations

from airlock import AirlockError

__all__ = ["InterceptError"]


class InterceptError(AirlockError, RuntimeError):
    """The global intercept is installed already, or not installed at all."""

    def __str__(self) -> str:
        [state] = self.args
        return (
            f"The global intercept of Celery is {state}. It is one for the whole "
            f"process: call install_global_intercept(app) once, where the app is "
            f"made, and uninstall_global_intercept() at most once after it."
        )
