"""Many rows at once, by COPY: for imports, for derived rows, and to fill a database to measure.

COPY needs no more than INSERT, so the role the product runs as may use it on events too.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
#: Rows written into one text before it is sent: many enough to be quick, few enough for memory.
_AT_ONCE = 10_000


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """Take `count` ids from the model's own sequence, in order."""
    table = model._meta.db_table
    column = model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [connection.ops.quote_name(table), column, count],
        )
        return [number for (number,) in cursor.fetchall()]


def copy_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Append `rows` to the model's table; `columns` are attribute names. Returns how many.

    Values are taken as they are (no model validation, no defaults): the caller has checked them.
    """
    copy, left, count = Copy(model, columns), iter(rows), 0
    while chosen := list(islice(left, _AT_ONCE)):
        copy.send(copy.text(chosen))
        count += len(chosen)
    return count


class Copy:
    """COPY into some columns of one table, in its two halves: rows to text, text to the table.

    The text is CSV, which Python writes without a call of ours per value. An empty text and
    nothing look alike in it, so a column may be text or nullable, but not both (Django's own
    convention). Raises ValueError for one that is.
    """

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        by_name = {field.attname: field for field in model._meta.concrete_fields}
        fields = [by_name[name] for name in columns]
        texts = [
            field for field in fields if isinstance(field, (models.CharField, models.TextField))
        ]
        if unclear := [field.attname for field in texts if field.null]:
            raise ValueError(f"{model.__name__}.{unclear[0]} is text that may be null")
        quote = connection.ops.quote_name
        names = ", ".join(quote(field.column) for field in fields)
        kept = ", ".join(quote(field.column) for field in texts)
        never_null = f", FORCE_NOT_NULL ({kept})" if texts else ""
        self._sql = (
            f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN (FORMAT csv{never_null})"
        )
        self._encoders = [
            (place, encode) for place, field in enumerate(fields) if (encode := _encoder_of(field))
        ]

    def text(self, rows: Iterable[Sequence[Any]]) -> str:
        written = io.StringIO()
        # \r\n ends a row, so that either of them within a value is quoted.
        csv.writer(written).writerows(self._encoded(rows) if self._encoders else rows)
        return written.getvalue()

    def _encoded(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        for row in rows:
            values = list(row)
            for place, encode in self._encoders:
                values[place] = encode(values[place])
            yield values

    def send(self, text: str) -> None:
        with connection.cursor() as cursor:
            cursor.copy_expert(self._sql, io.StringIO(text))


def _encoder_of(field: models.Field[Any, Any]) -> Callable[[Any], str | None] | None:
    """What turns a value into text where `str` would not; a list is JSON but in an array."""
    if isinstance(field, ArrayField):
        return _array
    return _json if isinstance(field, models.JSONField) else None


def _array(values: Sequence[Any] | None) -> str | None:
    if values is None:
        return None
    texts = map(str, values)
    quoted = ('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts)
    return "{" + ",".join(quoted) + "}"


def _json(value: Any) -> str | None:
    """A text is JSON already."""
    return value if value is None or isinstance(value, str) else _JSON.encode(value)
