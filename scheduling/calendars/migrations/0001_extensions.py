from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Exclusion constraints compare ids and ranges in one index."""

    dependencies = []

    operations = [BtreeGistExtension()]
