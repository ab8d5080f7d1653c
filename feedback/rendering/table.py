"""Rows of the demand table without templates: fifty includes would cost more than the query.

A cell's text is what an edit begins with and what is copied; only a day, whose text depends on the
language, and a text that is cut short carry more.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from catalog.access import rights_of
from core.markup import avatar, number
from feedback.choices import DemandKind, DemandStatus, FeedbackSource
from feedback.policies import is_staff_of
from feedback.rendering.badges import demand_badge, told_bar, told_words
from feedback.search.columns import Column
from feedback.search.orders import status_of_rank
from feedback.search.pages import DemandPage, Row
from feedback.search.told import Told
from feedback.search.totals import Totals
from tickets.choices import Priority

#: Characters of a long text that a cell shows.
SHOWN = 80
_NO_TOTALS = Totals()


@dataclass
class Look:
    """How the rows of one table are drawn, for one reader."""

    columns: Sequence[Column]
    base: str
    user: User
    group: str = ""
    grouped: int = 0
    totals: Mapping[tuple[Any, ...], Totals] = field(default_factory=dict)
    #: Sums of people come behind the page.
    sums_later: bool = False
    #: The group of the row before this page, whose head stands already.
    last: tuple[Any, ...] | None = None

    def __post_init__(self) -> None:
        self.said = [column.said() for column in self.columns]
        self.rights = rights_of(self.user)
        self._staff: dict[int, bool] = {}

    def may(self, row: Row) -> int:
        """2: staff of its product; 1: its product owner; 0: only reads it."""
        if row.status == DemandStatus.MERGED:
            return 0
        if row.product_id not in self._staff:
            self._staff[row.product_id] = is_staff_of(row.product_id, self.user, self.rights)
        return 2 if self._staff[row.product_id] else int(row.owner_id == self.user.pk)


def rows_html(page: DemandPage, look: Look) -> SafeString:
    """Rows for `<tbody>`, with a head and its sums above each group."""
    drawn: list[str] = []
    last = look.last
    for row in page.rows:
        group = row.keys[: look.grouped]
        if look.grouped and group != last:
            drawn.append(_group(group, look))
            last = group
        drawn.append(row_html(row, page, look))
    return mark_safe("".join(drawn))  # noqa: S308  (every text is escaped where it is drawn)


def row_html(row: Row, page: DemandPage, look: Look) -> str:
    cells = "".join(
        _DRAWN[column.kind](Drawing(row, value, page, look, said))
        for column, value, said in zip(look.columns, row.values, look.said, strict=True)
    )
    return f'<tr data-id="{row.pk}" data-v="{row.version}" data-may="{look.may(row)}">{cells}</tr>'


@dataclass(frozen=True)
class Drawing:
    """One cell: its row and value, and what is needed to say it."""

    row: Row
    value: Any
    page: DemandPage
    look: Look
    said: Mapping[str, str]


def _ref(cell: Drawing) -> str:
    pk = cell.row.pk
    return f'<th scope="row"><a href="{cell.look.base}{pk}/" tabindex="-1">D-{pk}</a></th>'


def _text(cell: Drawing) -> str:
    return f"<td>{escape(str(cell.value))}</td>" if cell.value else "<td></td>"


def _long(cell: Drawing) -> str:
    text = cell.value or ""
    if len(text) <= SHOWN:
        return f"<td>{escape(text)}</td>"
    return f"<td data-cut>{escape(text[:SHOWN])}…</td>"


def _choice(cell: Drawing) -> str:
    if cell.value is None:
        return "<td></td>"
    return f"<td>{escape(cell.said.get(str(cell.value), ''))}</td>"


def _status(cell: Drawing) -> str:
    return f"<td>{demand_badge(cell.value, plain=True)}</td>"


def _number(cell: Drawing) -> str:
    return f'<td class="num">{"" if cell.value is None else cell.value}</td>'


def _day(cell: Drawing) -> str:
    if cell.value is None:
        return "<td></td>"
    # One's own fields hold days as ISO text.
    day = cell.value if isinstance(cell.value, dt.date) else dt.date.fromisoformat(cell.value)
    return f'<td data-k="{day.isoformat()}">{date_format(day, "SHORT_DATE_FORMAT")}</td>'


def _moment(cell: Drawing) -> str:
    if cell.value is None:
        return "<td></td>"
    return f"<td>{date_format(localdate(cell.value), 'SHORT_DATE_FORMAT')}</td>"


def _person(cell: Drawing) -> str:
    if not cell.value:
        return "<td></td>"
    return f"<td>{avatar(cell.value)}<span>{escape(cell.value)}</span></td>"


def _departments(cell: Drawing) -> str:
    names = [cell.page.departments.get(pk, "") for pk in cell.value or ()]
    comma = pgettext("between items of a list", ", ")
    return f"<td>{escape(comma.join(name for name in names if name))}</td>"


def _told(cell: Drawing) -> str:
    told: Told = cell.page.told[cell.row.pk]
    if not told.begun:
        return "<td></td>"
    figures = f"{told.delivered} / {told.read} / {told.confirmed}"
    return (
        f'<td><span class="obl">{told_bar(told)}<span class="num small" aria-hidden="true"'
        f' title="{escape(told_words(told))}">{figures}</span></span></td>'
    )


_DRAWN: dict[str, Callable[[Drawing], str]] = {
    "ref": _ref, "text": _text, "long": _long, "choice": _choice, "status": _status,
    "product": _text, "module": _text, "person": _person, "departments": _departments,
    "number": _number, "day": _day, "moment": _moment, "release": _text, "told": _told,
    "own": _text,
}  # fmt: skip


# ---- groups and sums --------------------------------------------------------------------------


def _group(keys: tuple[Any, ...], look: Look) -> str:
    totals = look.totals.get(keys, _NO_TOTALS)
    token = escape(token_of(keys)) if look.sums_later else ""
    summed = _summed(heading(look.group, keys), totals, look)
    return f'<tr data-group="{token}">{summed}</tr>'


def token_of(keys: tuple[Any, ...]) -> str:
    """A group as the page and the sums that come behind it call it."""
    return json.dumps([str(key) for key in keys], ensure_ascii=False)


def sums_json(look: Look) -> dict[str, dict[str, str]]:
    """The sums of people of each group; the whole list is "[]"."""
    return {
        token_of(keys): {key: _sum(totals, key) for key in ("people", "waiting")}
        for keys, totals in look.totals.items()
    }


def foot_html(look: Look) -> SafeString:
    """The row of sums over the whole list, for `<tfoot>`."""
    whole = look.totals.get((), _NO_TOTALS)
    said = _("Altogether")
    return mark_safe(f"<tr>{_summed(said, whole, look)}</tr>")  # noqa: S308  (escaped in _summed)


def _summed(label: str, totals: Totals, look: Look) -> str:
    """A head as wide as the columns before the first sum, then the sums under their columns."""
    lead = next((n for n, column in enumerate(look.columns) if column.is_total), 0)
    lead = lead or len(look.columns)
    count = ngettext("%(n)s demand", "%(n)s demands", totals.count) % {"n": number(totals.count)}
    head = (
        f'<th scope="rowgroup" colspan="{lead}"><span class="of">{escape(label)}'
        f' <span class="count">{escape(count)}</span></span></th>'
    )
    return head + "".join(_sum_cell(totals, column, look) for column in look.columns[lead:])


def _sum_cell(totals: Totals, column: Column, look: Look) -> str:
    if not column.is_total:
        return "<td></td>"
    if look.sums_later and column.key in ("people", "waiting"):
        return f'<td class="num" data-sum="{column.key}"></td>'
    return f'<td class="num">{_sum(totals, column.key)}</td>'


def _sum(totals: Totals, key: str) -> str:
    value = getattr(totals, key)
    return number(value, 1 if key in ("effort", "score") else 0) if value else ""


def heading(group: str, keys: Sequence[Any]) -> str:
    """What a group is called."""
    return _HEADINGS[group](keys) if group in _HEADINGS else str(keys[0] or "—")


def quarter_said(first: dt.date | None) -> str:
    """The quarter that begins on a day."""
    if first is None:
        return _("No planned date")
    return _("Q%(quarter)s %(year)s") % {
        "quarter": (first.month - 1) // 3 + 1, "year": first.year,
    }  # fmt: skip


_HEADINGS: dict[str, Callable[[Sequence[Any]], str]] = {
    "status": lambda keys: str(DemandStatus(status_of_rank(keys[0])).label),
    "module": lambda keys: f"{keys[0]} · {keys[1] or _('No module')}",
    "owner": lambda keys: keys[0] or _("Nobody"),
    "priority": lambda keys: "—" if keys[0] is None else str(Priority(keys[0]).label),
    "release": lambda keys: keys[0] or _("No release"),
    "quarter": lambda keys: quarter_said(keys[0]),
    "kind": lambda keys: str(DemandKind(keys[0]).label),
    "source": lambda keys: str(FeedbackSource(keys[0]).label) if keys[0] else _("No source"),
}  # fmt: skip
