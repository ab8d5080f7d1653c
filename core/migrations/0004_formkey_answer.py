"""Keep the answer of an API request with its one-time key."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_events_append_only")]
    operations = [
        migrations.AddField(
            model_name="formkey", name="answer", field=models.JSONField(null=True, default=None)
        )
    ]
