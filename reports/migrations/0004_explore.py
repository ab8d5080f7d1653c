from django.db import migrations, models

#: What is there already gets its live rows as soon as a worker follows what was touched.
_TOUCH = """
INSERT INTO core_touched (subject, subject_id) SELECT 'ticket', id FROM tickets_ticket ORDER BY id;
INSERT INTO core_touched (subject, subject_id) SELECT 'cause', id FROM tickets_cause ORDER BY id;
INSERT INTO core_touched (subject, subject_id) SELECT 'demand', id FROM feedback_demand ORDER BY id;
INSERT INTO core_touched (subject, subject_id) SELECT 'round', id FROM feedback_round ORDER BY id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0003_periods"),
        ("core", "0002_initial"),
        ("tickets", "0001_initial"),
        ("feedback", "0003_loop"),
    ]

    operations: list[migrations.operations.base.Operation] = [
        migrations.CreateModel(
            name="LiveCell",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID",
                )),
                ("grain", models.CharField(max_length=5)),
                ("dimension", models.CharField(blank=True, default="", max_length=12)),
                ("figure", models.CharField(max_length=24)),
                ("starts_on", models.DateField()),
                ("product_id", models.BigIntegerField()),
                ("confidential", models.BooleanField(default=False)),
                ("value", models.CharField(blank=True, default="", max_length=20)),
                ("rows", models.IntegerField()),
                ("met", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "grain", "dimension", "figure", "starts_on", "product_id",
                            "confidential", "value",
                        ),
                        name="live_cell_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LiveRow",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID",
                )),
                ("subject", models.CharField(max_length=8)),
                ("subject_id", models.BigIntegerField()),
                ("figure", models.CharField(max_length=24)),
                ("at", models.DateTimeField()),
                ("amount", models.SmallIntegerField(default=1)),
                ("product_id", models.BigIntegerField()),
                ("module_id", models.BigIntegerField(null=True)),
                ("department_id", models.BigIntegerField(null=True)),
                ("type", models.CharField(blank=True, default="", max_length=16)),
                ("level", models.PositiveSmallIntegerField(null=True)),
                ("channel", models.CharField(blank=True, default="", max_length=10)),
                ("team_id", models.BigIntegerField(null=True)),
                ("person_id", models.BigIntegerField(null=True)),
                ("step", models.CharField(blank=True, default="", max_length=48)),
                ("reason", models.CharField(blank=True, default="", max_length=16)),
                ("cause_id", models.BigIntegerField(null=True)),
                ("confidential", models.BooleanField(default=False)),
                ("seconds", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject_id", "subject"], name="live_row_subject"),
                    models.Index(fields=["figure", "at"], name="live_row_figure"),
                ],
            },
        ),
        migrations.RunSQL(_TOUCH, migrations.RunSQL.noop),
    ]  # fmt: skip
