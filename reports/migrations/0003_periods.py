from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

KINDS = [("week", "Week"), ("month", "Month"), ("quarter", "Quarter")]
STATES = [
    ("waiting", "On its way"),
    ("done", "Delivered"),
    ("failed", "Failed"),
    ("skipped", "Not sent"),
]


def name_periods(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Weeks of a trend were named "week" before there were months."""
    for snapshot in apps.get_model("reports", "Snapshot").objects.only("pk", "trend").iterator():
        named = [{("period" if key == "week" else key): value for key, value in week.items()}
                 for week in snapshot.trend]  # fmt: skip
        if named != snapshot.trend:
            snapshot.trend = named
            snapshot.save(update_fields=["trend"])


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0002_words_of_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="snapshot",
            name="period_kind",
            field=models.CharField(choices=KINDS, max_length=8),
        ),
        migrations.RunPython(name_periods, migrations.RunPython.noop, elidable=True),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("salt", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("kind", models.CharField(choices=KINDS, max_length=8)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=models.deletion.PROTECT,
                        related_name="report_subscriptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "kind"), name="report_subscribed_once"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sent_at", models.DateTimeField()),
                ("in_app", models.CharField(choices=STATES, default="waiting", max_length=8)),
                ("mail", models.CharField(blank=True, choices=STATES, default="", max_length=8)),
                ("chat", models.CharField(blank=True, choices=STATES, default="", max_length=8)),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=models.deletion.PROTECT,
                        related_name="report_deliveries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=models.deletion.PROTECT,
                        related_name="deliveries",
                        to="reports.snapshot",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("snapshot", "person"), name="report_delivered_once"
                    )
                ]
            },
        ),
    ]
