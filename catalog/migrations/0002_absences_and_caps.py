import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="team",
            name="assignment",
            field=models.CharField(
                choices=[
                    ("none", "Nobody: people claim"),
                    ("duty", "The person on duty"),
                    ("round_robin", "In turn"),
                    ("least_loaded", "Whoever holds the fewest"),
                ],
                db_default="none",
                default="none",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="assignment_cap",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="teammember",
            name="cap",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="teammember",
            name="last_assigned_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="teammember",
            name="modules",
            field=models.ManyToManyField(blank=True, related_name="+", to="catalog.module"),
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("salt", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("first_day", models.DateField(verbose_name="from")),
                ("last_day", models.DateField(verbose_name="until")),
                (
                    "note",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="note"),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["first_day", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_active", True)),
                        fields=["user", "last_day"],
                        name="absence_coming",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_day__gte", models.F("first_day"))),
                        name="absence_not_backwards",
                    )
                ],
            },
        ),
    ]
