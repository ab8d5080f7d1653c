import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _to(model: str, **more: object) -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, to=model, **{"related_name": "+", **more}
    )


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0002_review_of_the_result"),
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "demand", "recurred_times", models.PositiveSmallIntegerField(default=0)
        ),
        migrations.AddField(
            "demand",
            "split_from",
            _to("feedback.demand", blank=True, null=True, related_name="split_off"),
        ),
        migrations.AddField(
            "feedbackitem", "brought_from", _to("feedback.demand", blank=True, null=True)
        ),
        migrations.RemoveConstraint("feedbackitem", "feedback_ticket_once_per_demand"),
        migrations.AddConstraint(
            "feedbackitem",
            models.UniqueConstraint(
                condition=models.Q(("brought_from__isnull", True), ("ticket__isnull", False)),
                fields=("ticket", "demand"),
                name="feedback_ticket_once_per_demand",
            ),
        ),
        migrations.AddField(
            "obligation",
            "joined_to",
            _to("feedback.obligation", blank=True, null=True, related_name="joined"),
        ),
        migrations.RemoveConstraint("obligation", "obligation_once"),
        migrations.AddConstraint(
            "obligation",
            models.UniqueConstraint(
                condition=models.Q(("joined_to__isnull", True)),
                fields=("demand", "person"),
                name="obligation_once",
            ),
        ),
        migrations.AddField("release", "everybody_from", models.DateField(blank=True, null=True)),
        migrations.AddField("release", "is_partial", models.BooleanField(default=False)),
        migrations.AddField(
            "round",
            "asked_with",
            _to("feedback.round", blank=True, null=True, related_name="along"),
        ),
        migrations.AddField(
            "round",
            "channel",
            models.CharField(
                blank=True,
                choices=[("app", "in the app"), ("mail", "by mail"), ("chat", "by chat")],
                default="",
                max_length=8,
            ),
        ),
        migrations.AddField("round", "reminders", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField(
            "round", "told_to", _to(settings.AUTH_USER_MODEL, blank=True, null=True)
        ),
        migrations.AlterField(
            "round",
            "kind",
            models.CharField(
                choices=[
                    ("decision", "Decision"),
                    ("date_change", "Date change"),
                    ("release", "Release"),
                    ("rollback", "Rollback"),
                    ("moved", "Goes on elsewhere"),
                    ("progress", "Progress"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            "Carry",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("merge", "Merge"), ("split", "Split")], max_length=8
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                ("source", _to("feedback.demand", related_name="carried_away")),
                ("target", _to("feedback.demand", related_name="carried_in")),
                ("made_by", _to(settings.AUTH_USER_MODEL)),
                ("undone_by", _to(settings.AUTH_USER_MODEL, null=True)),
                (
                    "words",
                    models.ManyToManyField(related_name="carries", to="feedback.feedbackitem"),
                ),
            ],
        ),
        migrations.CreateModel(
            "CarriedObligation",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("last_round", models.BigIntegerField(default=0)),
                ("carry", _to("feedback.carry", related_name="people")),
                ("before", _to("feedback.obligation")),
                ("after", _to("feedback.obligation", related_name="carries")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("carry", "before"), name="carried_once")
                ]
            },
        ),
        migrations.CreateModel(
            "RolloutPart",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField()),
                ("added_at", models.DateTimeField()),
                ("release", _to("feedback.release", related_name="parts")),
                ("department", _to("accounts.department", blank=True, null=True)),
                ("person", _to(settings.AUTH_USER_MODEL, blank=True, null=True)),
                ("added_by", _to(settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("department__isnull", True),
                            ("person__isnull", True),
                            _connector="XOR",
                        ),
                        name="rollout_department_or_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("department__isnull", False)),
                        fields=("release", "department"),
                        name="rollout_department_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("person__isnull", False)),
                        fields=("release", "person"),
                        name="rollout_person_once",
                    ),
                ]
            },
        ),
    ]
