from django.db import migrations

from telehealth.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]

    operations = [append_only("notifications_deliverylogentry")]
