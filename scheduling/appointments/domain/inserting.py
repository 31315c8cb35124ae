"""Inserting a row unless a constraint refuses it: without an error, so that the transaction goes on."""

from django.db import connection
from django.db.models import AutoField, Model

_statements: dict[type[Model], str] = {}


def insert_unless_refused(row: Model) -> bool:
    """Insert an unsaved row; say whether it was taken. False: a unique or exclusion constraint stands against it.

    `ON CONFLICT DO NOTHING` also waits for a rival who has not committed yet without ever waiting crosswise; a plain INSERT of
    two rivals may end in a deadlock. A key the database gives is not read back.
    """
    model = type(row)
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    statement = _statements.get(model)
    if statement is None:
        columns = ", ".join(f'"{field.column}"' for field in fields)
        places = ", ".join(["%s"] * len(fields))
        statement = _statements[model] = (
            f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING'  # noqa: S608
        )
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        taken = bool(cursor.rowcount == 1)
    if taken:
        row._state.adding = False
        row._state.db = connection.alias
    return taken
