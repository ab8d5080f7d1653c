"""The last run of each task of the clock; addresses of chat robots sealed like other secrets."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from core.sealing import MARK, seal, unseal


def seal_what_is_plain(apps: Any, _schema: Any) -> None:
    """Row by row: a company has as many addresses as people who set one."""
    model = apps.get_model("core", "ChatAddress")
    for row in model.objects.only("pk", "url", "secret").iterator():
        if row.url.startswith(MARK) and (not row.secret or row.secret.startswith(MARK)):
            continue
        row.url, row.secret = seal(unseal(row.url)), seal(unseal(row.secret))
        row.save(update_fields=["url", "secret"])


def open_what_is_sealed(apps: Any, _schema: Any) -> None:
    model = apps.get_model("core", "ChatAddress")
    for row in model.objects.only("pk", "url", "secret").iterator():
        row.url, row.secret = unseal(row.url), unseal(row.secret)
        row.save(update_fields=["url", "secret"])


class Migration(migrations.Migration):
    dependencies = [("core", "0006_delivery")]

    operations = [
        migrations.CreateModel(
            name="TaskRun",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField()),
                ("seconds", models.FloatField()),
                ("failed_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, default="", max_length=300)),
            ],
        ),
        migrations.AlterField(
            model_name="chataddress",
            name="secret",
            field=models.CharField(blank=True, default="", max_length=360, verbose_name="secret"),
        ),
        migrations.AlterField(
            model_name="chataddress",
            name="url",
            field=models.CharField(max_length=720, verbose_name="address of the robot"),
        ),
        migrations.RunPython(seal_what_is_plain, open_what_is_sealed),
    ]
