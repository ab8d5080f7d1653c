import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Targets move from a setting of the installation into rows, version by version."""

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("reports", "0006_bands"),
    ]

    operations = [
        migrations.CreateModel(
            name="FigureTarget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("salt", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("figure", models.CharField(max_length=48, verbose_name="figure")),
                ("number", models.PositiveIntegerField()),
                ("value", models.FloatField(blank=True, null=True, verbose_name="target")),
                ("from_day", models.DateField(verbose_name="from")),
                (
                    "note",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="why"),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("figure", "number"), name="figure_target_once")
                ],
            },
        ),
    ]
