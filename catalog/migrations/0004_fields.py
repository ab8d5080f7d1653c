from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_calendars")]

    operations = [
        migrations.AddField(
            model_name="fielddefinition",
            name="choices_en",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="fielddefinition",
            name="help_text_en",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=200,
                verbose_name="help in English",
            ),
        ),
        migrations.AddField(
            model_name="fielddefinition",
            name="types",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.AlterField(
            model_name="fielddefinition",
            name="kind",
            field=models.CharField(
                choices=[
                    ("text", "Text"), ("number", "Number"), ("choice", "Choice"),
                    ("date", "Date"), ("person", "Person"), ("file", "File"),
                ],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="FieldSection",
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
                    "target",
                    models.CharField(
                        choices=[("ticket", "Ticket"), ("demand", "Demand")], max_length=8
                    ),
                ),
                ("label", models.CharField(max_length=80, verbose_name="label")),
                (
                    "label_en",
                    models.CharField(
                        blank=True, default="", max_length=80, verbose_name="label in English"
                    ),
                ),
                (
                    "help_text",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="help"),
                ),
                (
                    "help_text_en",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="help in English"
                    ),
                ),
                ("when_field", models.SlugField(blank=True, default="", max_length=40)),
                ("when_values", models.JSONField(blank=True, default=list)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("target", "label"), name="field_section_once"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="fielddefinition",
            name="section",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                related_name="fields", to="catalog.fieldsection",
            ),
        ),
    ]  # fmt: skip
