import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0004_service_policies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True, verbose_name="name")),
            ],
        ),
        migrations.CreateModel(
            name="SavedView",
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
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("queue", models.CharField(default="all", max_length=20)),
                (
                    "query",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="words"),
                ),
                (
                    "filters",
                    models.JSONField(blank=True, default=list, verbose_name="filter"),
                ),
                (
                    "sort",
                    models.CharField(blank=True, default="", max_length=80, verbose_name="sort"),
                ),
                (
                    "columns",
                    models.JSONField(blank=True, default=list, verbose_name="columns"),
                ),
                (
                    "group",
                    models.CharField(
                        blank=True, default="", max_length=40, verbose_name="group by"
                    ),
                ),
                (
                    "layout",
                    models.CharField(
                        choices=[("list", "List"), ("table", "Table"), ("board", "Board")],
                        default="list",
                        max_length=5,
                        verbose_name="layout",
                    ),
                ),
                ("board", models.CharField(blank=True, default="", max_length=10)),
                (
                    "team_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="teams",
                    ),
                ),
                (
                    "is_for_everyone",
                    models.BooleanField(default=False, verbose_name="for everyone on the desk"),
                ),
                ("is_pinned", models.BooleanField(default=False, verbose_name="pinned")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
                ("is_slow", models.BooleanField(default=False, editable=False)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["-is_pinned", "position", "name", "id"]},
        ),
        migrations.AddIndex(
            model_name="savedview",
            index=models.Index(
                condition=models.Q(("is_active", True)),
                fields=["owner"],
                name="saved_view_owner",
            ),
        ),
        # The default stands in the database, so no row is rewritten and a bulk load may leave
        # the column out.
        migrations.AddField(
            model_name="ticket",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("tags", []), _negated=True),
                fields=["tags"],
                name="ticket_tags",
            ),
        ),
        # "Recently closed" is read by its moment of closing.
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status", "closed")),
                fields=["-closed_at", "-id"],
                include=("product", "department", "confidential"),
                name="ticket_closed",
            ),
        ),
        # What a person was served in guided mode and gave back.
        migrations.CreateModel(
            name="Skip",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("field", "Not my field"),
                            ("unclear", "I do not understand it"),
                            ("later", "Later today"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="skips",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "day", "ticket"), name="skip_once_a_day"
                    )
                ],
            },
        ),
    ]
