"""Gap-free numbers from the database."""

from django.db import connection


def next_number(key: str) -> int:
    """Take the next number of `key`, starting at 1. Gives it back when the transaction rolls back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_counter (key, value) VALUES (%s, 1) "
            "ON CONFLICT (key) DO UPDATE SET value = core_counter.value + 1 RETURNING value",
            [key],
        )
        return int(cursor.fetchone()[0])
