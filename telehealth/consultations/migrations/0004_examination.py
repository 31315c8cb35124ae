from django.db import migrations, models


class Migration(migrations.Migration):
    """What a participant sends of an examination: a picture on the screen's line, sound from the patient's chest."""

    dependencies = (("consultations", "0003_session_encrypted"),)

    operations = (
        migrations.AddField("participant", "exam", models.BooleanField(default=False)),
        migrations.AddField("participant", "auscultation", models.BooleanField(default=False)),
    )
