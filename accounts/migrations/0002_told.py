"""How each person, and the house, wants notices told."""

from __future__ import annotations

import datetime as dt

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Telling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "salt",
                    models.CharField(blank=True, default="", editable=False, max_length=32),
                ),
                (
                    "modes",
                    models.JSONField(blank=True, default=dict, verbose_name="what is told how"),
                ),
                (
                    "zone",
                    models.CharField(
                        blank=True, default="", max_length=40, verbose_name="time zone"
                    ),
                ),
                (
                    "quiet",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("never", "Never: messages come at any time"),
                            ("hours", "Every day, between two times"),
                            ("off_work", "Outside the working hours of my team"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="quiet time",
                    ),
                ),
                (
                    "quiet_from",
                    models.TimeField(default=dt.time(22, 0), verbose_name="from"),
                ),
                ("quiet_to", models.TimeField(default=dt.time(8, 0), verbose_name="to")),
                (
                    "rhythm",
                    models.CharField(
                        blank=True,
                        choices=[("hourly", "Every hour"), ("daily", "Once a day")],
                        default="",
                        max_length=8,
                        verbose_name="digest",
                    ),
                ),
                (
                    "digest_at",
                    models.TimeField(default=dt.time(9, 0), verbose_name="digest at"),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="telling",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user",), name="telling_of_one", nulls_distinct=False
                    )
                ],
            },
        ),
    ]
