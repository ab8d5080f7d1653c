"""A demand is closed with a dated review of what its release did."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("feedback", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="demand",
            name="review",
            field=models.TextField(blank=True, default="", verbose_name="review of the result"),
        ),
        migrations.AddField(
            model_name="demand",
            name="reviewed_on",
            field=models.DateField(blank=True, null=True),
        ),
    ]
