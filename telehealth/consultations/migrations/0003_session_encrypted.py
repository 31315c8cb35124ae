from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consultations", "0002_append_only")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="encrypted",
            field=models.BooleanField(default=False),
        ),
    ]
