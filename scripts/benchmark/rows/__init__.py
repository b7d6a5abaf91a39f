"""Every row of the table, in its order.

A new one goes into the `ROWS` of its module. Another queue is another module with one
function, `connect`: see `airlock_huey`.
"""

from __future__ import annotations

from benchmark.rows import (
    airlock_celery,
    airlock_django,
    airlock_django_q,
    airlock_dramatiq,
    airlock_huey,
    airlock_rq,
    enqueueing,
    flushing,
    many,
    scope,
)

__all__ = ["ROWS"]

ROWS = (
    *scope.ROWS,
    *enqueueing.ROWS,
    *flushing.ROWS,
    *many.ROWS,
    *airlock_django.ROWS,
    *airlock_celery.ROWS,
    *airlock_huey.ROWS,
    *airlock_dramatiq.ROWS,
    *airlock_rq.ROWS,
    *airlock_django_q.ROWS,
)
