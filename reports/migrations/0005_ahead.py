import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_explore")]

    operations = [
        migrations.CreateModel(
            name="Outlook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.CharField(max_length=10, unique=True)),
                ("computed_at", models.DateTimeField()),
                ("names", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="OutlookSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("product_id", models.BigIntegerField(null=True)),
                ("module_id", models.BigIntegerField(null=True)),
                ("confidential", models.BooleanField(default=False)),
                ("counts", models.JSONField()),
                ("days", models.JSONField()),
                ("forecast", models.JSONField()),
                ("spike", models.JSONField()),
                ("trend", models.JSONField(null=True)),
                ("risk", models.JSONField(null=True)),
                (
                    "outlook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="series",
                        to="reports.outlook",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("outlook", "product_id", "module_id", "confidential"),
                        name="outlook_series_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
