"""The log is append-only: the database itself refuses to change or delete a row."""

from django.db import migrations

TABLE = "consultations_roomevent"


class Migration(migrations.Migration):
    dependencies = [("consultations", "0001_initial")]

    operations = [
        migrations.RunSQL(
            f"""
            CREATE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '{TABLE} is append-only' USING ERRCODE = 'integrity_constraint_violation';
            END $$;
            CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE}
                FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse();
            """,
            f"DROP TRIGGER {TABLE}_append_only ON {TABLE}; DROP FUNCTION {TABLE}_refuse();",
        )
    ]
