"""Demonstration accounts have a password that everybody knows: they must not be where real patients are."""

import logging

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection

from telehealth.accounts.models import User

logger = logging.getLogger(__name__)


def refuse_in_production() -> None:
    """Stop the start of a production process on a database that holds the demonstration province.

    Raises:
        ImproperlyConfigured: there are demonstration accounts that can sign in.
    """
    if not settings.PRODUCTION:
        return
    try:
        found = User.objects.filter(is_demonstration=True, is_active=True).exists()
    except Error as error:
        # A database that is away now must not keep the process from starting; pages say so by themselves.
        logger.warning("could not look for demonstration accounts: %s", type(error).__name__)
        return
    finally:
        if not connection.in_atomic_block:
            connection.close()  # this thread asks nothing more
    if found:
        raise ImproperlyConfigured(
            "The database named by DATABASE_URL holds the demonstration province, whose passwords are public. "
            "Give production a database of its own."
        )
