"""The only reader of the wall clock in the Django processes. Everything else gets the time as an argument."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """Return the current time, aware, UTC."""
    return timezone.now()
