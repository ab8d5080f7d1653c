"""Mail addresses that their server said nobody is behind."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0005_channels")]

    operations = [
        migrations.CreateModel(
            name="UnreachableAddress",
            fields=[
                (
                    "address",
                    models.CharField(max_length=254, primary_key=True, serialize=False),
                ),
                ("since", models.DateTimeField()),
                ("last_error", models.CharField(blank=True, default="", max_length=300)),
            ],
        ),
    ]
