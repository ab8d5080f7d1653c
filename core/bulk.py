"""Many rows at once, by COPY: for imports and for filling a database to be measured.

COPY needs no more than INSERT, so the role the product runs as may use it on events too.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

#: Characters that end a field or a line in COPY's text format, and how they are written there.
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
#: Bytes gathered before they are sent: large enough to be quick, small enough to be forgotten.
_CHUNK = 8 * 1024 * 1024


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
    fields = {field.attname: field for field in model._meta.concrete_fields}
    by_attname = {attname: field.column for attname, field in fields.items()}
    quote = connection.ops.quote_name
    names = ", ".join(quote(by_attname[name]) for name in columns)
    writers = [_writer_of(fields[name]) for name in columns]
    sql = f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN"
    count = 0
    with connection.cursor() as cursor:
        chunk = io.StringIO()
        for row in rows:
            chunk.write("\t".join(write(value) for write, value in zip(writers, row, strict=True)))
            chunk.write("\n")
            count += 1
            if chunk.tell() >= _CHUNK:
                _send(cursor, sql, chunk)
                chunk = io.StringIO()
        if chunk.tell():
            _send(cursor, sql, chunk)
    return count


def _writer_of(field: models.Field[Any, Any]) -> Callable[[Any], str]:
    """A list is JSON but in an array's column."""
    return _array if isinstance(field, ArrayField) else copy_text


def _array(values: Sequence[Any]) -> str:
    texts = map(str, values)
    quoted = ('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts)
    return _escaped("{" + ",".join(quoted) + "}")


def _send(cursor: Any, sql: str, chunk: io.StringIO) -> None:
    chunk.seek(0)
    cursor.copy_expert(sql, chunk)


def _escaped(text: str) -> str:
    for character, escaped in _ESCAPES:
        if character in text:
            text = text.replace(character, escaped)
    return text


def _json(value: Any) -> str:
    return _escaped(_JSON.encode(value))


#: Exact types first: three million values a minute pass here.
_WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: "\\N",
    bool: lambda value: "t" if value else "f",
    int: str,
    str: _escaped,
    dt.datetime: dt.datetime.isoformat,
    dt.date: dt.date.isoformat,
    dict: _json,
    list: _json,
}


def copy_text(value: Any) -> str:
    """One value as COPY's text format wants it."""
    writer = _WRITERS.get(type(value))
    if writer is not None:
        return writer(value)
    if isinstance(value, int):  # members of an enumeration
        return str(int(value))
    return _escaped(str(value))
