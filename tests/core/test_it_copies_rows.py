"""COPY brings back what was written, whatever characters a text or a list holds."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.test.utils import isolate_apps

from core.bulk import copy_rows


class Color(StrEnum):
    GREEN = "green"


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


@pytest.mark.django_db
@isolate_apps("core")
def test_each_value_comes_back_as_it_was() -> None:
    class Leaf(models.Model):
        text = models.TextField()
        number = models.IntegerField(null=True)
        share = models.FloatField(null=True)
        is_green = models.BooleanField(null=True)
        at = models.DateTimeField(null=True)
        day = models.DateField(null=True)
        facts = models.JSONField(null=True)

        class Meta:
            app_label = "core"

        def __str__(self) -> str:
            return f"leaf {self.pk}"

    with connection.schema_editor() as editor:
        editor.create_model(Leaf)
    at = dt.datetime(2024, 2, 29, 8, 0, 0, 7, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    columns = ("text", "number", "share", "is_green", "at", "day", "facts")
    nothing = ("", None, None, None, None, None, None)
    rows: list[tuple[Any, ...]] = [
        nothing,
        ("0", 0, 0.1, False, at, at.date(), {}),
        (Color.GREEN, -1, 1e300, True, at, at.date(), 0),
    ]
    rows += [
        (text, *nothing[1:])
        for text in ("\r", "\r\n", "a,b", '"', "\\.", "\\N", "NULL", " x ", "早")
    ]
    assert copy_rows(Leaf, columns, iter(rows)) == len(rows)
    assert list(Leaf._default_manager.order_by("pk").values_list(*columns)) == rows


@isolate_apps("core")
def test_a_text_that_may_be_null_is_refused() -> None:
    class Twig(models.Model):
        text = models.CharField(max_length=5, null=True)

        class Meta:
            app_label = "core"

        def __str__(self) -> str:
            return f"twig {self.pk}"

    with pytest.raises(ValueError, match=r"Twig\.text"):
        copy_rows(Twig, ("text",), [("",)])
