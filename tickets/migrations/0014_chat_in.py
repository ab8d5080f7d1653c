from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0013_confirming")]

    operations = [
        migrations.AlterField(
            model_name="ticket",
            name="channel",
            field=models.CharField(
                choices=[
                    ("form", "Form"),
                    ("on_behalf", "On behalf"),
                    ("api", "API"),
                    ("mail", "Mail"),
                    ("chat", "Chat"),
                    ("import", "Import"),
                ],
                default="form",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="ChatRobot",
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
                (
                    "app",
                    models.CharField(
                        choices=[
                            ("wecom", "WeCom"),
                            ("dingtalk", "DingTalk"),
                            ("feishu", "Feishu"),
                        ],
                        max_length=8,
                        verbose_name="chat",
                    ),
                ),
                ("key", models.CharField(editable=False, max_length=43, unique=True)),
                (
                    "called",
                    models.CharField(
                        blank=True, default="", max_length=60, verbose_name="name in the chat"
                    ),
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
                    "user_ids_are_names",
                    models.BooleanField(default=False, verbose_name="user ids are user names"),
                ),
                (
                    "account",
                    models.CharField(
                        blank=True, default="", max_length=80, verbose_name="corporation or app"
                    ),
                ),
                (
                    "agent",
                    models.CharField(
                        blank=True, default="", max_length=20, verbose_name="agent id"
                    ),
                ),
                ("token", models.CharField(blank=True, default="", max_length=120)),
                ("aes_key", models.CharField(blank=True, default="", max_length=120)),
                ("secret", models.CharField(blank=True, default="", max_length=200)),
                ("is_active", models.BooleanField(default=True)),
                ("arrived_at", models.DateTimeField(null=True)),
                ("arrived", models.CharField(blank=True, default="", max_length=200)),
                ("refused_at", models.DateTimeField(null=True)),
                ("refused", models.CharField(blank=True, default="", max_length=200)),
                ("answered_at", models.DateTimeField(null=True)),
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
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ChatPerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=120)),
                ("learnt_at", models.DateTimeField()),
                (
                    "learnt_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("source", "name"), name="chat_person_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="IncomingMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.CharField(choices=[("mail", "Mail"), ("chat", "Chat")], max_length=10),
                ),
                ("source", models.CharField(max_length=40)),
                ("message_id", models.CharField(max_length=255)),
                ("thread", models.CharField(blank=True, default="", max_length=255)),
                ("sender", models.CharField(blank=True, default="", max_length=254)),
                ("sender_name", models.CharField(blank=True, default="", max_length=120)),
                ("subject", models.CharField(blank=True, default="", max_length=200)),
                ("said_at", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("done", "Done"),
                            ("held", "Held"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                        ],
                        default="received",
                        max_length=8,
                    ),
                ),
                ("error", models.CharField(blank=True, default="", max_length=500)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                ("data", models.JSONField(default=dict)),
                (
                    "brought_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "comment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incoming",
                        to="tickets.comment",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "raw",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.storedfile",
                    ),
                ),
                (
                    "robot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="tickets.chatrobot",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incoming",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["source", "thread"], name="incoming_thread"),
                    models.Index(
                        condition=models.Q(("state__in", ["received", "held", "failed"])),
                        fields=["-id"],
                        name="incoming_to_do",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "message_id"), name="incoming_once")
                ],
            },
        ),
    ]
