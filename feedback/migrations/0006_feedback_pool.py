"""Words without a demand: a pool that is searched, gathered into demands, or set aside."""

from __future__ import annotations

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.searchkey import search_key


def fill_keys(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    items = apps.get_model("feedback", "FeedbackItem").objects
    for item in items.filter(search_key="").only("pk", "words").iterator():
        items.filter(pk=item.pk).update(search_key=search_key(item.words))


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0005_sheet"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "feedbackitem", "version", models.PositiveIntegerField(default=0, editable=False)
        ),
        migrations.AddField(
            "feedbackitem", "salt",
            models.CharField(max_length=32, blank=True, default="", editable=False),
        ),
        migrations.AddField(
            "feedbackitem", "set_aside_reason",
            models.TextField(blank=True, default="", verbose_name="why no demand"),
        ),
        migrations.AddField("feedbackitem", "set_aside_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "feedbackitem", "set_aside_by",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "feedbackitem", "search_key",
            models.TextField(blank=True, default="", editable=False),
        ),
        migrations.AddField(
            "demandimport", "kind",
            models.CharField(
                choices=[("demands", "Demands"), ("feedback", "Feedback")], default="demands",
                max_length=8,
            ),
        ),
        migrations.RunPython(fill_keys, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            "feedbackitem",
            models.Index(
                fields=["product", "-id"], name="feedback_waiting",
                condition=models.Q(demand__isnull=True, set_aside_at__isnull=True),
            ),
        ),
        migrations.AddIndex(
            "feedbackitem", models.Index(fields=["person", "-id"], name="feedback_of_person")
        ),
        migrations.AddIndex(
            "feedbackitem",
            GinIndex(
                fields=["search_key"], opclasses=["gin_trgm_ops"], name="feedback_search",
                gin_pending_list_limit=128,
            ),
        ),
    ]  # fmt: skip
