"""The company's name, tokens of programs, spreadsheets of people."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_told"),
    ]

    operations = [
        migrations.CreateModel(
            name="Company",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("salt", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="company_is_one")
                ],
            },
        ),
        migrations.CreateModel(
            name="PeopleImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("name", models.CharField(max_length=200)),
                ("language", models.CharField(max_length=10)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checked", "Checked"),
                            ("importing", "Being imported"),
                            ("done", "Imported"),
                        ],
                        default="checked",
                        max_length=10,
                    ),
                ),
                ("rows", models.JSONField(default=list)),
                ("left_out", models.JSONField(default=list)),
                ("done", models.PositiveIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("refused", models.JSONField(default=list)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people_imports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("salt", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("start", models.CharField(editable=False, max_length=12)),
                ("reads_only", models.BooleanField(default=True, verbose_name="may only read")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="last day")),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(editable=False)),
                ("last_used_at", models.DateTimeField(editable=False, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person"], name="api_token_person")],
            },
        ),
    ]
