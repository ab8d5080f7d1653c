"""Service targets become the default service policy; tickets get the columns of their clocks."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.utils import timezone

NAME = "默认"
SUBJECT = "service_policy"


def targets_to_policy(apps, schema_editor):
    """One default policy with the targets there are; a fresh installation lays its own."""
    rows = apps.get_model("tickets", "ServiceTarget").objects.order_by("priority")
    targets = {str(row.priority): [row.response_seconds, row.resolution_seconds] for row in rows}
    if not targets:
        return
    Event = apps.get_model("core", "Event")
    # Events outlive a migration that was taken back; their ids are not used again.
    last = Event.objects.filter(subject=SUBJECT).aggregate(models.Max("subject_id"))
    pk = (last["subject_id__max"] or 0) + 1
    apps.get_model("tickets", "ServicePolicy").objects.create(
        pk=pk, version=1, name=NAME, is_default=True, targets=targets
    )
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('tickets_servicepolicy', 'id'), %s)", [pk]
        )
    now = timezone.now()
    Event.objects.create(
        subject=SUBJECT, subject_id=pk, version=1, verb="create", occurred_at=now, recorded_at=now,
        changes={"name": ["", NAME], "is_default": [False, True], "targets": [{}, targets]},
        data={"from": "service targets"},
    )  # fmt: skip


def policy_to_targets(apps, schema_editor):
    """The default policy's targets as they are now; other policies have no place there."""
    ServiceTarget = apps.get_model("tickets", "ServiceTarget")
    policy = apps.get_model("tickets", "ServicePolicy").objects.filter(is_default=True).first()
    for priority, (response, resolution) in (policy.targets if policy else {}).items():
        ServiceTarget.objects.update_or_create(
            priority=int(priority),
            defaults={"response_seconds": response, "resolution_seconds": resolution},
        )


def reckon_open_tickets(apps, schema_editor):
    """Open tickets get their new columns from a run that the worker's clock continues."""
    open_tickets = apps.get_model("tickets", "Ticket").objects.filter(
        status__in=("new", "open", "pending", "on_hold"), imported=False
    )
    if total := open_tickets.count():
        apps.get_model("tickets", "DueRun").objects.create(
            key="upgrade", reason="upgrade", created_at=timezone.now(), total=total
        )


class Migration(migrations.Migration):
    # Indexes of the tickets are built while others write.
    atomic = False

    dependencies = [
        ("catalog", "0003_calendars"),
        ("core", "0004_formkey_answer"),
        ("tickets", "0003_open_causes_and_statistics"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ServicePolicy",
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
                ("position", models.PositiveIntegerField(default=1)),
                ("is_default", models.BooleanField(default=False, editable=False)),
                (
                    "product_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "department_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("targets", models.JSONField(blank=True, default=dict)),
                (
                    "warn_percent",
                    models.PositiveSmallIntegerField(
                        default=80,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(99),
                        ],
                        verbose_name="warn at",
                    ),
                ),
                (
                    "tells_duty",
                    models.BooleanField(default=True, verbose_name="tell the person on duty"),
                ),
                (
                    "escalate_seconds",
                    models.PositiveIntegerField(blank=True, default=7200, null=True),
                ),
                ("first_day", models.DateField(blank=True, null=True, verbose_name="from")),
                ("last_day", models.DateField(blank=True, null=True, verbose_name="until")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "calendar",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policies",
                        to="catalog.servicecalendar",
                    ),
                ),
            ],
            options={
                "ordering": ["is_default", "position", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="servicepolicy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)),
                fields=("is_default",),
                name="policy_one_default",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_default", False),
                    models.Q(
                        ("department_ids", []),
                        ("first_day", None),
                        ("is_active", True),
                        ("last_day", None),
                        ("product_ids", []),
                    ),
                    _connector="OR",
                ),
                name="policy_default_fits_all",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("warn_percent__gte", 1), ("warn_percent__lte", 99)),
                name="policy_warn_percent",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("last_day__isnull", True),
                    ("first_day__isnull", True),
                    ("last_day__gte", models.F("first_day")),
                    _connector="OR",
                ),
                name="policy_not_backwards",
            ),
        ),
        migrations.CreateModel(
            name="DueRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=80, unique=True)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("policy", "A service policy changed"),
                            ("calendar", "A service calendar changed"),
                            ("upgrade", "A new version of OpsDesk"),
                        ],
                        max_length=8,
                    ),
                ),
                ("what", models.CharField(blank=True, default="", max_length=80)),
                ("created_at", models.DateTimeField()),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("cursor", models.BigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="duerun",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", True)),
                fields=["id"],
                name="due_run_waiting",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="ticket",
            name="sla_next_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="ticket",
            name="sla_told",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="ticket",
            name="sla_told_for",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="ticket",
            name="warn_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="ticket",
            name="service_policy",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="tickets.servicepolicy",
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("warn_at__isnull", False)),
                fields=["warn_at"],
                include=("product", "department", "confidential"),
                name="ticket_at_risk",
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("sla_next_at__isnull", False)),
                fields=["sla_next_at"],
                name="ticket_sla_next",
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("due_provisional", True)),
                fields=["id"],
                name="ticket_provisional",
            ),
        ),
        migrations.RunPython(targets_to_policy, policy_to_targets, atomic=True),
        # The table stays for this release: code of the one before reads it while we migrate.
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name="ServiceTarget")]
        ),
        migrations.RunPython(reckon_open_tickets, migrations.RunPython.noop, atomic=True),
    ]
