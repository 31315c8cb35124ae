from django.db import migrations, models


class Migration(migrations.Migration):
    """A command's receipt names who gave it by one id, of a membership or of a guest's link: both act in rooms."""

    dependencies = (("consultations", "0004_examination"),)

    operations = (
        migrations.RemoveConstraint("commandreceipt", "command_once"),
        migrations.AddField("commandreceipt", "principal", models.UUIDField(null=True)),
        migrations.RunSQL(
            "UPDATE consultations_commandreceipt SET principal = membership_id",
            "UPDATE consultations_commandreceipt SET membership_id = principal",
        ),
        migrations.RemoveField("commandreceipt", "membership"),
        migrations.AlterField("commandreceipt", "principal", models.UUIDField()),
        migrations.AddConstraint(
            "commandreceipt",
            models.UniqueConstraint(fields=["session", "principal", "key"], name="command_once"),
        ),
    )
