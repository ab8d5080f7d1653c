"""What readers say of pages, tickets filed after reading one, and the queue of manual debt."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("catalog", "0001_initial"),
        ("docs_portal", "0005_sections"),
    ]

    operations = [
        migrations.CreateModel(
            name="DebtItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("salt", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("key", models.CharField(max_length=240, unique=True)),
                ("title", models.CharField(max_length=200)),
                ("taken_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_needed", "No page is needed"),
                            ("exists", "There is a page already"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=300)),
                (
                    "draft",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="docs_portal.page",
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
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PageVoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("salt", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("is_helpful", models.BooleanField()),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("wrong", "It is wrong"),
                            ("outdated", "It is out of date"),
                            ("incomplete", "My case is missing"),
                            ("unclear", "Hard to follow"),
                            ("other_topic", "Not what I looked for"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("comment", models.TextField(blank=True, default="")),
                ("ticket_id", models.BigIntegerField(null=True)),
                ("said_at", models.DateTimeField()),
                ("heard_at", models.DateTimeField(null=True)),
                (
                    "heard_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voices",
                        to="docs_portal.page",
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
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="docs_portal.revision",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TicketAfterReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ticket_id", models.BigIntegerField()),
                ("read_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField()),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="docs_portal.page",
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
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="docs_portal.revision",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="pagevoice",
            index=models.Index(fields=["page", "-said_at"], name="page_voice_page"),
        ),
        migrations.AddIndex(
            model_name="pagevoice",
            index=models.Index(
                condition=models.Q(("is_helpful", False)),
                fields=["-said_at"],
                name="page_voice_against",
            ),
        ),
        migrations.AddConstraint(
            model_name="pagevoice",
            constraint=models.UniqueConstraint(
                fields=("revision", "person"), name="page_voice_once"
            ),
        ),
        migrations.AddIndex(
            model_name="ticketafterreading",
            index=models.Index(fields=["-submitted_at"], name="ticket_after_reading_new"),
        ),
        migrations.AddConstraint(
            model_name="ticketafterreading",
            constraint=models.UniqueConstraint(
                fields=("page", "ticket_id"), name="ticket_after_reading_once"
            ),
        ),
    ]
