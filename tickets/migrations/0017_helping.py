import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("accounts", "0002_told"),
        ("catalog", "0001_initial"),
        ("tickets", "0016_widget"),
    ]

    operations = [
        migrations.CreateModel(
            name="HelpSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "place",
                    models.CharField(
                        choices=[("home", "Help home"), ("form", "The form")], max_length=8
                    ),
                ),
                ("is_held_out", models.BooleanField(default=False)),
                ("is_shown", models.BooleanField(default=False)),
                ("pages", models.JSONField(default=list)),
                ("issues", models.JSONField(default=list)),
                ("demands", models.JSONField(default=list)),
                ("started_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "-last_at"], name="help_session_person"),
                    models.Index(fields=["started_at"], name="help_session_started"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SelfService",
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
                ("kind", models.CharField(max_length=12)),
                ("ref", models.BigIntegerField()),
                ("solved_at", models.DateTimeField()),
                ("taken_back_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="solved",
                        to="tickets.helpsession",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("taken_back_at", None)),
                        fields=["kind", "ref"],
                        name="self_service_of",
                    ),
                ],
            },
        ),
    ]
