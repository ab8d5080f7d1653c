"""COPY brings back what was written, whatever characters a text or a list holds."""

from __future__ import annotations

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.test.utils import isolate_apps

from core.bulk import copy_rows

AWKWARD = [
    [],
    ["导出", "month end"],
    ['say "no"', "back\\slash", "tab\there", "line\nbreak"],
    ["{}", ",", "NULL", "\\N", "'", ""],
]


@pytest.mark.django_db
@isolate_apps("core")
def test_lists_come_back_as_they_were() -> None:
    class Shelf(models.Model):
        names = ArrayField(models.TextField())
        facts = models.JSONField()

        class Meta:
            app_label = "core"

        def __str__(self) -> str:
            return f"shelf {self.pk}"

    with connection.schema_editor() as editor:
        editor.create_model(Shelf)
    count = copy_rows(Shelf, ("names", "facts"), ((names, names) for names in AWKWARD))
    assert count == len(AWKWARD)
    found = Shelf._default_manager.order_by("pk").values_list("names", "facts")
    assert list(found) == [(names, names) for names in AWKWARD]
