"""The formula of demand scores with its first version, and what it gives each demand."""

from __future__ import annotations

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

PERCENT = {
    "validators": [
        django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)
    ]
}  # fmt: skip
SOURCES = [
    ("ticket", "Ticket"), ("form", "Form"), ("chat", "Chat"), ("interview", "Interview"),
    ("meeting", "Meeting"), ("visit", "Visit"), ("shift", "Working a shift with them"),
    ("peers", "A look at peers"),
]  # fmt: skip
#: The version a new house starts with.
FIRST = {
    "number": 1, "people_weight": 50, "tickets_weight": 30, "hours_weight": 20,
    "cap_percentile": 95, "department_weights": {}, "note": "",
}  # fmt: skip


def begin(apps, schema_editor):
    formula = apps.get_model("feedback", "ScoreFormula").objects.create(
        **FIRST, version=1, made_at=timezone.now()
    )
    apps.get_model("core", "Event").objects.create(
        subject="score_formula", subject_id=formula.pk, version=1, verb="make",
        occurred_at=formula.made_at, recorded_at=formula.made_at,
        changes={name: [None, value] for name, value in FIRST.items()}, data={},
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0004_table"),
        ("core", "0005_channels"),
        ("catalog", "0003_calendars"),
    ]

    operations = [
        migrations.AlterField(
            "demand", "source",
            models.CharField(
                blank=True, choices=SOURCES, default="", max_length=10, verbose_name="source"
            ),
        ),
        migrations.AlterField(
            "feedbackitem", "source", models.CharField(choices=SOURCES, max_length=10)
        ),
        migrations.CreateModel(
            name="ScoreFormula",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("salt", models.CharField(
                    blank=True, default="", editable=False, max_length=32)),
                ("number", models.PositiveIntegerField(unique=True)),
                ("people_weight", models.PositiveSmallIntegerField(
                    verbose_name="people who ask", **PERCENT)),
                ("tickets_weight", models.PositiveSmallIntegerField(
                    verbose_name="tickets of four weeks", **PERCENT)),
                ("hours_weight", models.PositiveSmallIntegerField(
                    verbose_name="hours lost", **PERCENT)),
                ("cap_percentile", models.PositiveSmallIntegerField(
                    verbose_name="full marks from percentile",
                    validators=[
                        django.core.validators.MinValueValidator(50),
                        django.core.validators.MaxValueValidator(100),
                    ])),
                ("department_weights", models.JSONField(blank=True, default=dict)),
                ("note", models.CharField(
                    blank=True, default="", max_length=200, verbose_name="why it changed")),
                ("made_at", models.DateTimeField()),
                ("made_by", models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL)),
            ],
            options={"ordering": ("-number",)},
        ),
        migrations.CreateModel(
            name="DemandScore",
            fields=[
                ("demand", models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE, primary_key=True,
                    related_name="scored", serialize=False, to="feedback.demand")),
                ("people_raw", models.DecimalField(decimal_places=2, max_digits=10)),
                ("tickets_raw", models.PositiveIntegerField()),
                ("hours_raw", models.DecimalField(decimal_places=2, max_digits=10)),
                ("people", models.DecimalField(decimal_places=1, max_digits=4)),
                ("tickets", models.DecimalField(decimal_places=1, max_digits=4)),
                ("hours", models.DecimalField(decimal_places=1, max_digits=4)),
                ("value", models.DecimalField(decimal_places=1, max_digits=4)),
                ("divided_by", models.DecimalField(decimal_places=1, max_digits=6, null=True)),
                ("score", models.DecimalField(decimal_places=1, max_digits=8)),
                ("computed_at", models.DateTimeField()),
                ("formula", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="feedback.scoreformula")),
            ],
        ),
        migrations.CreateModel(
            name="DemandImport",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("name", models.CharField(max_length=200)),
                ("language", models.CharField(max_length=10)),
                ("state", models.CharField(
                    choices=[
                        ("reading", "Being read"), ("judging", "Being checked"),
                        ("judged", "Checked"), ("importing", "Being imported"),
                        ("done", "Imported"), ("failed", "Cannot be read"),
                    ],
                    default="reading", max_length=10)),
                ("headings", models.JSONField(default=list)),
                ("error", models.TextField(blank=True, default="")),
                ("finished_at", models.DateTimeField(null=True)),
                ("by", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="demand_imports",
                    to=settings.AUTH_USER_MODEL)),
                ("file", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="core.storedfile")),
                ("product", models.ForeignKey(
                    blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="catalog.product")),
            ],
            options={
                "indexes": [models.Index(fields=["by", "-id"], name="demand_import_mine")],
            },
        ),
        migrations.CreateModel(
            name="DemandKey",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("demand", models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="keys",
                    to="feedback.demand")),
            ],
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("cells", models.JSONField()),
                ("key", models.CharField(blank=True, default="", max_length=200)),
                ("outcome", models.CharField(
                    choices=[
                        ("waiting", "Waiting"), ("create", "New"), ("change", "Changed"),
                        ("same", "Unchanged"), ("refused", "Refused"),
                    ],
                    default="waiting", max_length=8)),
                ("problems", models.JSONField(default=list)),
                ("changes", models.JSONField(default=list)),
                ("is_done", models.BooleanField(default=False)),
                ("demand", models.ForeignKey(
                    blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="feedback.demand")),
                ("run", models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="rows",
                    to="feedback.demandimport")),
            ],
            options={
                "ordering": ("line",),
                "indexes": [
                    models.Index(fields=["run", "outcome", "line"], name="import_row_outcome"),
                    models.Index(fields=["run", "key"], name="import_row_key"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "line"), name="import_row_line")
                ],
            },
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]  # fmt: skip
