"""Rows of the desk's list without templates: fifty includes would cost more than the query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from core.markup import avatar, badge, level_glyph
from tickets.choices import Level, Priority, Status
from tickets.rendering.clocks import clock_html, clock_of
from tickets.search.columns import Shown
from tickets.search.pages import Row

_STATUS = {status.value: status.label for status in Status}
_LEVEL = {level.value: level.label for level in Level}
#: Priorities that are said in the row; the others are the usual case.
_SAID = frozenset({Priority.P0, Priority.P1})
NOTHING_CHOSEN = Shown()


@dataclass(frozen=True)
class Look:
    """How the rows of one list are drawn.

    `base` is the address of the desk, `query` what follows each id. `heading` says the group of a
    row's keys; rows of one group stand together.
    """

    base: str
    query: str
    now: dt.datetime
    current: int | None = None
    show_holder: bool = True
    shown: Shown = NOTHING_CHOSEN
    grouped: int = 0
    heading: Callable[[Sequence[Any]], str] = str
    counts: Mapping[tuple[Any, ...], str] | None = None
    language: str | None = field(default_factory=get_language)

    def address(self, row: Row) -> str:
        return f"{self.base}{row.pk}/{self.query}"


# What a status and a level look like in a list, drawn once for a language.


@lru_cache(maxsize=64)
def _status_html(status: str, language: str | None) -> SafeString:
    return badge(str(_STATUS[status]), status=status, plain=True)


@lru_cache(maxsize=64)
def _level_html(level: int, language: str | None) -> SafeString:
    return level_glyph(level, str(_LEVEL[level]))


def place(row: Row) -> str:
    """Where it is: product and module."""
    product = gettext("Other / not sure") if row.product_is_other else row.product
    return f"{product} · {row.module}" if row.module else product


def rows_html(rows: Iterable[Row], look: Look) -> SafeString:
    """List items for `<ol>`."""
    return mark_safe("".join(_with_headings(rows, look, _row, _heading)))  # noqa: S308


def table_rows_html(rows: Iterable[Row], look: Look) -> SafeString:
    """Rows for `<tbody>` of the wide table."""
    return mark_safe("".join(_with_headings(rows, look, _table_row, _table_heading)))  # noqa: S308


def _with_headings(
    rows: Iterable[Row],
    look: Look,
    draw: Callable[[Row, Look], str],
    head: Callable[[str, str, Look], str],
) -> Iterator[str]:
    last: tuple[Any, ...] | None = None
    for row in rows:
        group = row.keys[: look.grouped]
        if look.grouped and group != last:
            count = look.counts.get(group, "") if look.counts is not None else ""
            yield head(escape(look.heading(group)), escape(count), look)
            last = group
        yield draw(row, look)


def _heading(label: str, count: str, look: Look) -> str:
    return f'<li class="group"><b class="clip">{label}</b><span class="count">{count}</span></li>'


def _table_heading(label: str, count: str, look: Look) -> str:
    span = 5 + len(look.shown.columns)
    return (
        f'<tr class="group"><th colspan="{span}" scope="rowgroup"><b>{label}</b> '
        f'<span class="count">{count}</span></th></tr>'
    )


def _row(row: Row, look: Look) -> str:
    title = escape(row.title)
    priority = f'<span class="pri">P{row.priority}</span>' if row.priority in _SAID else ""
    glyph = _level_html(row.level, look.language) if row.level else ""
    clock = clock_html(clock_of(row, look.now))
    holder = avatar(row.assignee) if row.assignee and look.show_holder else ""
    status = _status_html(row.status, look.language)
    mark = ' aria-current="true"' if row.pk == look.current else ""
    return (
        f'<li class="row" id="row-{row.pk}" data-version="{row.version}"{mark}>{priority}{glyph}'
        f'<a class="title clip" href="{look.address(row)}" title="{title}">{title}</a>{clock}'
        f'<span class="ref">{row.pk}</span>'
        f'<span class="meta">{_draft(row)}{status}'
        f'<span class="clip">{escape(place(row))}</span></span>'
        f'<span class="who">{holder}</span>{_facts(row, look)}</li>'
    )


def _draft(row: Row) -> str:
    return f'<span class="draft-mark">{escape(gettext("draft"))}</span>' if row.has_draft else ""


def _facts(row: Row, look: Look) -> str:
    """The chosen facts, as one line under the row."""
    said = [
        f'<span title="{escape(str(column.label))}">{escape(text)}</span>'
        for column, text in look.shown.facts(row.facts)
        if text
    ]
    return f'<span class="chosen">{"".join(said)}</span>' if said else ""


def _table_row(row: Row, look: Look) -> str:
    title = escape(row.title)
    glyph = _level_html(row.level, look.language) if row.level else ""
    clock = clock_html(clock_of(row, look.now))
    status = _status_html(row.status, look.language)
    facts = "".join(
        f"<td{_NUMBER if column.is_number else ''}>{escape(text)}</td>"
        for column, text in look.shown.facts(row.facts)
    )
    return (
        f'<tr class="row" id="row-{row.pk}" data-version="{row.version}">'
        f'<td class="num mute">{row.pk}</td>'
        f"<td>P{row.priority} {glyph}</td>"
        f'<th scope="row"><a class="title" href="{look.address(row)}">{title}</a></th>'
        f"<td>{status}</td><td>{clock}</td>{facts}</tr>"
    )


_NUMBER = ' class="num"'
