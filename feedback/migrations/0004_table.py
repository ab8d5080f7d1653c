"""The fields of a demand-tracking table, and what the table keeps for its people."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

PERSON = {
    "on_delete": django.db.models.deletion.PROTECT,
    "to": settings.AUTH_USER_MODEL,
}
PRIORITIES = [(0, "P0"), (1, "P1"), (2, "P2"), (3, "P3")]
SOURCES = [
    ("ticket", "Ticket"), ("form", "Form"), ("chat", "Chat"), ("interview", "Interview"),
    ("meeting", "Meeting"), ("visit", "Visit"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0003_loop"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "demand", "source",
            models.CharField(
                blank=True, choices=SOURCES, default="", max_length=10, verbose_name="source"
            ),
        ),
        migrations.AddField(
            "demand", "proposer",
            models.ForeignKey(blank=True, null=True, related_name="proposed_demands", **PERSON),
        ),
        migrations.AddField(
            "demand", "department_ids",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            "demand", "priority",
            models.PositiveSmallIntegerField(
                blank=True, choices=PRIORITIES, null=True, verbose_name="priority"
            ),
        ),
        migrations.AddField(
            "demand", "effort",
            models.DecimalField(
                blank=True, decimal_places=1, max_digits=6, null=True, verbose_name="effort"
            ),
        ),
        migrations.AddField(
            "demand", "wanted_on",
            models.DateField(blank=True, null=True, verbose_name="wanted date"),
        ),
        migrations.AddField("demand", "custom", models.JSONField(blank=True, default=dict)),
        migrations.AddField(
            "demand", "score",
            models.DecimalField(
                blank=True, decimal_places=1, editable=False, max_digits=8, null=True
            ),
        ),
        migrations.AddIndex(
            "demand", models.Index(fields=["planned_on"], name="demand_planned")
        ),
        migrations.CreateModel(
            name="DemandView",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("salt", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.CharField(
                    blank=True, default="", max_length=200, verbose_name="words")),
                ("filters", models.JSONField(blank=True, default=list, verbose_name="filter")),
                ("sort", models.CharField(
                    blank=True, default="", max_length=80, verbose_name="sort")),
                ("columns", models.JSONField(blank=True, default=list, verbose_name="columns")),
                ("group", models.CharField(
                    blank=True, default="", max_length=40, verbose_name="group by")),
                ("team_ids", django.contrib.postgres.fields.ArrayField(
                    base_field=models.BigIntegerField(), blank=True, default=list, size=None,
                    verbose_name="teams")),
                ("is_for_everyone", models.BooleanField(
                    default=False, verbose_name="for everyone on the desk")),
                ("is_pinned", models.BooleanField(default=False, verbose_name="pinned")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
                ("scope", models.CharField(default="all", max_length=10)),
                ("frozen", models.PositiveSmallIntegerField(
                    default=2, verbose_name="frozen columns")),
                ("layout", models.CharField(
                    choices=[("table", "Table"), ("board", "Board"), ("roadmap", "Roadmap")],
                    default="table", max_length=8, verbose_name="layout")),
                ("owner", models.ForeignKey(related_name="demand_views", **PERSON)),
            ],
            options={
                "ordering": ["-is_pinned", "position", "name", "id"],
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["owner"], name="demand_view_owner", condition=Q(is_active=True)
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TableEdit",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("cells", models.JSONField(default=list)),
                ("undone_at", models.DateTimeField(null=True)),
                ("by", models.ForeignKey(related_name="+", **PERSON)),
            ],
            options={"indexes": [models.Index(fields=["by", "-id"], name="table_edit_by")]},
        ),
        migrations.CreateModel(
            name="TableLayout",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("columns", models.JSONField(default=list)),
                ("frozen", models.PositiveSmallIntegerField(default=2)),
                ("person", models.ForeignKey(related_name="+", **PERSON)),
                ("view", models.ForeignKey(
                    blank=True, null=True, on_delete=django.db.models.deletion.CASCADE,
                    related_name="layouts", to="feedback.demandview")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["person", "view"], name="layout_once_per_view"
                    ),
                    models.UniqueConstraint(
                        fields=["person"], condition=Q(view__isnull=True),
                        name="layout_once_without_view",
                    ),
                ]
            },
        ),
    ]  # fmt: skip
