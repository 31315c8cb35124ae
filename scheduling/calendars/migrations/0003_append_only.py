from django.db import migrations

from telehealth.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("calendars", "0002_calendars")]

    operations = [append_only("calendars_handovernote")]
