import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0008_owner_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Rule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("salt", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("off", "Switched off"),
                            ("paused", "Paused"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                (
                    "why_paused",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "–"),
                            ("loops", "It ran too often on one ticket"),
                            ("fails", "It failed several times in a row"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0)),
                ("trigger", models.JSONField(default=dict)),
                ("conditions", models.JSONField(blank=True, default=list)),
                ("acts", models.JSONField(default=list)),
                (
                    "hourly_cap",
                    models.PositiveSmallIntegerField(default=5, verbose_name="times an hour"),
                ),
                ("activated_at", models.DateTimeField(blank=True, null=True)),
                ("trigger_kind", models.CharField(editable=False, max_length=20)),
                ("failures", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="RuleRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule_version", models.PositiveIntegerField()),
                ("occasion", models.CharField(max_length=80)),
                ("root", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("acted", "It acted"),
                            ("not_matched", "Its conditions were not met"),
                            ("refused", "Its acts were refused"),
                            ("in_chain", "It had run in this chain already"),
                            ("too_deep", "The chain of rules was too long"),
                            ("too_often", "It ran too often on this ticket"),
                        ],
                        max_length=12,
                    ),
                ),
                ("depth", models.PositiveSmallIntegerField(default=0)),
                ("judged", models.JSONField(default=list)),
                ("done", models.JSONField(default=list)),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="tickets.rule",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rule_runs",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RuleTrial",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("definition", models.JSONField()),
                ("created_at", models.DateTimeField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("stopped", "Stopped"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("considered", models.PositiveIntegerField(default=0)),
                ("matched", models.PositiveIntegerField(default=0)),
                ("hits", models.JSONField(default=list)),
                ("cursor", models.BigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trials",
                        to="tickets.rule",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="rule",
            index=models.Index(
                condition=models.Q(("state", "active")),
                fields=["trigger_kind"],
                name="rule_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="rulerun",
            index=models.Index(fields=["ticket", "-id"], name="rule_run_ticket"),
        ),
        migrations.AddIndex(
            model_name="rulerun",
            index=models.Index(fields=["rule", "outcome", "-id"], name="rule_run_rule"),
        ),
        migrations.AddIndex(
            model_name="rulerun",
            index=models.Index(
                condition=models.Q(("outcome", "not_matched")), fields=["at"], name="rule_run_idle"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulerun",
            constraint=models.UniqueConstraint(
                fields=("rule", "ticket", "occasion"), name="rule_run_once"
            ),
        ),
        migrations.AddIndex(
            model_name="ruletrial",
            index=models.Index(fields=["rule", "-id"], name="rule_trial_newest"),
        ),
    ]
