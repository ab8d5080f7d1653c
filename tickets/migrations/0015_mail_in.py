from __future__ import annotations

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0014_chat_in")]

    operations = [
        migrations.AddField(
            model_name="comment",
            name="quoted",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("salt", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("address", models.EmailField(max_length=254, unique=True, verbose_name="address")),
                ("host", models.CharField(max_length=200, verbose_name="IMAP server")),
                (
                    "port",
                    models.PositiveIntegerField(
                        default=993,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(65535),
                        ],
                        verbose_name="port",
                    ),
                ),
                (
                    "security",
                    models.CharField(
                        choices=[
                            ("tls", "TLS from the start"),
                            ("starttls", "STARTTLS"),
                            ("none", "None (only inside one machine or network)"),
                        ],
                        default="tls",
                        max_length=8,
                        verbose_name="encryption",
                    ),
                ),
                ("username", models.CharField(max_length=200, verbose_name="user name")),
                ("secret", models.CharField(max_length=500, verbose_name="password")),
                (
                    "folder",
                    models.CharField(default="INBOX", max_length=200, verbose_name="folder"),
                ),
                (
                    "strangers",
                    models.CharField(
                        choices=[
                            ("refuse", "Refuse, and answer why"),
                            ("hold", "Hold for an agent"),
                            ("stand_in", "Submit for a stand-in"),
                        ],
                        default="hold",
                        max_length=8,
                        verbose_name="people nobody knows",
                    ),
                ),
                (
                    "confirmed_by",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=200,
                        verbose_name="server that confirms senders",
                    ),
                ),
                (
                    "tags_replies",
                    models.BooleanField(default=False, verbose_name="reference in the address"),
                ),
                (
                    "from_start",
                    models.BooleanField(default=False, verbose_name="read what is there already"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("uid_validity", models.BigIntegerField(null=True)),
                ("last_uid", models.BigIntegerField(default=0)),
                ("leased_until", models.DateTimeField(null=True)),
                ("read_at", models.DateTimeField(null=True)),
                ("arrived_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, default="", max_length=300)),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "stand_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="stand-in",
                    ),
                ),
            ],
            options={"ordering": ["name"]},
        ),
    ]
