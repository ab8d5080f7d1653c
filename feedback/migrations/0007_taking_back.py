"""What an import did row by row, so that it can be taken back."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0006_feedback_pool"),
    ]

    operations = [
        migrations.AddField(
            model_name="importrow",
            name="edit",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="feedback.tableedit",
            ),
        ),
        migrations.AddField(
            model_name="importrow",
            name="is_taken_back",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="importrow",
            name="item",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="feedback.feedbackitem",
            ),
        ),
        migrations.AddField(
            model_name="importrow",
            name="kept",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AlterField(
            model_name="demandimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("reading", "Being read"),
                    ("judging", "Being checked"),
                    ("judged", "Checked"),
                    ("importing", "Being imported"),
                    ("done", "Imported"),
                    ("failed", "Cannot be read"),
                    ("undoing", "Being taken back"),
                    ("undone", "Taken back"),
                ],
                default="reading",
                max_length=10,
            ),
        ),
    ]
