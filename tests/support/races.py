"""Two who want the same at the same moment, in the order a test needs."""

from concurrent.futures import Future
from typing import Any

from django.db import connection


def await_its_waiting(work: "Future[Any]") -> None:
    """Return when some transaction of this database waits for a lock; fails when `work` is over before."""
    with connection.cursor() as cursor:
        waiting = 0
        while not waiting:
            assert not work.done(), work.result()
            # Within a transaction the view would show for ever what it showed first.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            waiting = cursor.fetchone()[0]
