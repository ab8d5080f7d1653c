import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PROTECT, CASCADE = django.db.models.deletion.PROTECT, django.db.models.deletion.CASCADE


def key() -> tuple[str, models.BigAutoField]:
    return (
        "id",
        models.BigAutoField(
            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
        ),
    )


def person() -> models.ForeignKey:
    return models.ForeignKey(on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_delivery"),
        ("docs_portal", "0003_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="revision",
            name="role_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=None, null=True, size=None
            ),
        ),
        migrations.CreateModel(
            name="WritingRules",
            fields=[
                key(),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "salt",
                    models.CharField(blank=True, default="", editable=False, max_length=32),
                ),
                (
                    "review",
                    models.CharField(
                        choices=[
                            ("never", "No review needed"),
                            ("material", "New pages and changes of meaning"),
                            ("always", "Every change"),
                        ],
                        default="never",
                        max_length=10,
                        verbose_name="review before publishing",
                    ),
                ),
                (
                    "manual",
                    models.OneToOneField(
                        on_delete=PROTECT, related_name="rules", to="docs_portal.manual"
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="PageFile",
            fields=[
                key(),
                ("name", models.CharField(max_length=200)),
                ("content_type", models.CharField(max_length=100)),
                ("seconds", models.FloatField(null=True)),
                ("created_at", models.DateTimeField()),
                ("created_by", person()),
                (
                    "file",
                    models.ForeignKey(on_delete=PROTECT, related_name="+", to="core.storedfile"),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="files", to="docs_portal.page"
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.CreateModel(
            name="OldAddress",
            fields=[
                key(),
                ("slug", models.SlugField(allow_unicode=True, max_length=120)),
                ("created_at", models.DateTimeField()),
                (
                    "manual",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="old_addresses", to="docs_portal.manual"
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=CASCADE, related_name="old_addresses", to="docs_portal.page"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("manual", "slug"), name="old_address_once")
                ]
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                key(),
                ("asked_at", models.DateTimeField()),
                ("words", models.CharField(blank=True, default="", max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for the reviewer"),
                            ("approved", "Approved"),
                            ("returned", "Changes asked for"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("comment", models.TextField(blank=True, default="")),
                ("decided_at", models.DateTimeField(null=True)),
                ("asked_by", person()),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="reviews", to="docs_portal.page"
                    ),
                ),
                ("reviewer", person()),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="reviews", to="docs_portal.revision"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("page",),
                        name="review_open_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VideoWatch",
            fields=[
                key(),
                (
                    "parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=django.contrib.postgres.fields.ArrayField(
                            base_field=models.FloatField(), size=2
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("seconds", models.FloatField(default=0)),
                ("length", models.FloatField(default=0)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="watches", to="docs_portal.pagefile"
                    ),
                ),
                ("user", person()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("file", "user"), name="video_watch_once")
                ]
            },
        ),
        migrations.CreateModel(
            name="WritingDraft",
            fields=[
                key(),
                ("title", models.CharField(blank=True, default="", max_length=160)),
                ("body", models.TextField(blank=True, default="")),
                ("based_on", models.PositiveIntegerField()),
                ("revision", models.PositiveIntegerField(default=1)),
                ("saved_at", models.DateTimeField()),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=CASCADE, related_name="drafts", to="docs_portal.page"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("page", "person"), name="writing_draft_once")
                ]
            },
        ),
    ]
