"""What search reads of published pages, what was searched in vain, where pages came from.

`manage.py prepare` writes the sections of pages that were published before.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _id() -> tuple[str, models.Field]:
    field = models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )
    return ("id", field)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("docs_portal", "0004_writing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PageWord",
            fields=[
                _id(),
                ("word", models.CharField(max_length=40, unique=True)),
                ("in_heading", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["word"], name="page_word_trigrams", opclasses=["gin_trgm_ops"]
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedPage",
            fields=[
                _id(),
                ("source", models.CharField(max_length=120)),
                ("role_code", models.CharField(blank=True, default="", max_length=60)),
                ("path", models.CharField(max_length=500)),
                ("brought", models.CharField(max_length=64)),
                ("kept", models.CharField(max_length=64)),
                ("imported_at", models.DateTimeField()),
                (
                    "page",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imported",
                        to="docs_portal.page",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["path"], name="imported_page_path")]},
        ),
        migrations.CreateModel(
            name="SearchMiss",
            fields=[
                _id(),
                ("query", models.CharField(max_length=200, verbose_name="search")),
                ("words", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField()),
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
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-created_at"], name="search_miss_newest"),
                    models.Index(fields=["words", "user"], name="search_miss_words"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PageSection",
            fields=[
                _id(),
                ("position", models.PositiveIntegerField()),
                ("heading", models.TextField(blank=True, default="")),
                ("anchor", models.TextField(blank=True, default="")),
                ("plain", models.TextField(blank=True, default="")),
                (
                    "role_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), null=True, size=None
                    ),
                ),
                ("key", models.TextField(blank=True, default="")),
                ("heading_key", models.TextField(blank=True, default="")),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sections",
                        to="docs_portal.page",
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
            options={
                "ordering": ["page_id", "position"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["key"],
                        gin_pending_list_limit=128,
                        name="page_section_key",
                        opclasses=["gin_trgm_ops"],
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["heading_key"],
                        gin_pending_list_limit=128,
                        name="page_section_heading",
                        opclasses=["gin_trgm_ops"],
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(position=0),
                        fields=["heading_key"],
                        gin_pending_list_limit=128,
                        name="page_section_title",
                        opclasses=["gin_trgm_ops"],
                    ),
                    models.Index(
                        condition=models.Q(position=0),
                        fields=["heading_key"],
                        name="page_section_titled",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("page", "position"), name="page_section_place")
                ],
            },
        ),
    ]
