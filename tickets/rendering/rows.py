"""Rows of the desk's list without templates: fifty includes would cost more than the query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from core.markup import avatar, badge, level_glyph
from tickets.choices import Level, Priority, Status
from tickets.rendering.clocks import clock_html, clock_of
from tickets.search.pages import Row

_STATUS = {status.value: status.label for status in Status}
_LEVEL = {level.value: level.label for level in Level}
#: Priorities that are said in the row; the others are the usual case.
_SAID = frozenset({Priority.P0, Priority.P1})


def place(row: Row) -> str:
    """Where it is: product and module."""
    product = gettext("Other / not sure") if row.product_is_other else row.product
    return f"{product} · {row.module}" if row.module else product


def rows_html(
    rows: Iterable[Row],
    *,
    base: str,
    query: str,
    current: int | None,
    now: dt.datetime,
    show_holder: bool = True,
) -> SafeString:
    """List items for `<ol>`. `base` is the address of the desk, `query` what follows each id."""
    return mark_safe(  # noqa: S308  (every text is escaped in _row)
        "".join(_row(row, base, query, row.pk == current, now, show_holder) for row in rows)
    )


def _row(
    row: Row, base: str, query: str, current: bool, now: dt.datetime, show_holder: bool
) -> str:
    title = escape(row.title)
    priority = f'<span class="pri">P{row.priority}</span>' if row.priority in _SAID else ""
    glyph = level_glyph(row.level, str(_LEVEL[row.level])) if row.level else ""
    clock = clock_html(clock_of(row.status, row.submitted_at, row.resolution_due_at, now))
    holder = avatar(row.assignee) if row.assignee and show_holder else ""
    status = badge(str(_STATUS[row.status]), status=row.status, plain=True)
    mark = ' aria-current="true"' if current else ""
    return (
        f'<li class="row" id="row-{row.pk}" data-version="{row.version}"{mark}>{priority}{glyph}'
        f'<a class="title clip" href="{base}{row.pk}/{query}" title="{title}">{title}</a>{clock}'
        f'<span class="ref">{row.pk}</span>'
        f'<span class="meta">{status}<span class="clip">{escape(place(row))}</span></span>'
        f'<span class="who">{holder}</span></li>'
    )
