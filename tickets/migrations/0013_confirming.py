from __future__ import annotations

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0012_submitting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AskedInWeek",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("week", models.DateField()),
                ("key", models.CharField(max_length=80)),
                ("asked_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Rating",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("salt", models.CharField(blank=True, default="", editable=False, max_length=32)),
                (
                    "score",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Dissatisfied"), (2, "So-so"), (3, "Satisfied")]
                    ),
                ),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("quick", "Quick"),
                                ("clear", "Clearly explained"),
                                ("solved", "Solved for good"),
                                ("informed", "I always knew where it stood"),
                                ("kind", "Friendly"),
                                ("slow", "It took too long"),
                                ("unclear", "I did not understand the answer"),
                                ("not_solved", "Not really solved"),
                                ("uninformed", "Nobody told me where it stood"),
                                ("passed_around", "Passed around"),
                                ("came_back", "It has come back before"),
                                ("no_page", "The manual should have said it"),
                                ("no_why", "Nobody said why not"),
                            ],
                            max_length=16,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("words", models.TextField(blank=True, default="", verbose_name="in your words")),
                ("rated_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="servicepolicy",
            name="confirm_days",
            field=models.PositiveSmallIntegerField(
                db_default=5,
                default=5,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(30),
                ],
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="answer_owed",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="ticket",
            name="closes_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="ticket",
            name="silent_from",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="servicepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("confirm_days__gte", 1), ("confirm_days__lte", 30)),
                name="policy_confirm_days",
            ),
        ),
        migrations.AddField(
            model_name="askedinweek",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="ticket",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rating",
                to="tickets.ticket",
            ),
        ),
        migrations.AddIndex(
            model_name="askedinweek",
            index=models.Index(fields=["week"], name="asked_week"),
        ),
        migrations.AddConstraint(
            model_name="askedinweek",
            constraint=models.UniqueConstraint(
                fields=("person", "week"), name="asked_once_in_a_week"
            ),
        ),
        migrations.AddIndex(
            model_name="rating",
            index=models.Index(fields=["rated_at"], name="rating_when"),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.CheckConstraint(
                condition=models.Q(("score__in", [1, 2, 3])), name="rating_score_known"
            ),
        ),
    ]
