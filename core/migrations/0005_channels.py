from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_formkey_answer")]

    operations = [
        migrations.CreateModel(
            name="ChatAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("salt", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("subject", models.CharField(max_length=24)),
                ("subject_id", models.BigIntegerField()),
                ("provider", models.CharField(max_length=24, verbose_name="chat")),
                ("url", models.CharField(max_length=500, verbose_name="address of the robot")),
                (
                    "secret",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="secret"),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, default="", max_length=300)),
            ],
        ),
        migrations.AddConstraint(
            model_name="chataddress",
            constraint=models.UniqueConstraint(
                fields=("subject", "subject_id"), name="chat_address_whose"
            ),
        ),
        migrations.AlterField(
            model_name="outboxrow",
            name="kind",
            field=models.CharField(
                choices=[
                    ("notice", "Notice"),
                    ("news", "News"),
                    ("job", "Job"),
                    ("mail", "Mail"),
                    ("chat", "Chat message"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField("outboxrow", "parked_at", models.DateTimeField(null=True)),
        # A default of the database's own, so that code of before still writes rows meanwhile.
        migrations.AddField(
            "outboxrow", "repeats", models.PositiveSmallIntegerField(default=0, db_default=0)
        ),
        migrations.RemoveIndex("outboxrow", "outbox_due"),
        migrations.AddIndex(
            "outboxrow",
            models.Index(
                condition=models.Q(
                    done_at__isnull=True, failed_at__isnull=True, parked_at__isnull=True
                ),
                fields=["due_at"],
                name="outbox_due",
            ),
        ),
        migrations.AddIndex(
            "outboxrow",
            models.Index(
                condition=models.Q(parked_at__isnull=False),
                fields=["parked_at"],
                name="outbox_parked",
            ),
        ),
        migrations.AddIndex(
            "notice",
            models.Index(
                condition=models.Q(subject="cause"), fields=["subject_id"], name="notice_of_cause"
            ),
        ),
    ]
