"""What the database refuses, in words for people."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from psycopg import Error

from telehealth.core.errors import DomainError


@contextmanager
def unique(constraint: str, taken: Callable[[], DomainError]) -> Iterator[None]:
    """Raise `taken()` when what is written inside breaks the named constraint; what was written before stays.

    A look beforehand is no promise: of two who look at the same moment, both find the place free. The constraint decides.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        cause = error.__cause__
        if isinstance(cause, Error) and cause.diag.constraint_name == constraint:
            raise taken() from error
        raise
