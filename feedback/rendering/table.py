"""Rows of the demand table without templates: fifty includes would cost more than the query."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.markup import avatar, number
from feedback.choices import DemandKind, DemandStatus
from feedback.models import Demand
from feedback.rendering.badges import demand_badge, told_bar, told_words
from feedback.search import TablePage, Told

COLUMNS = 9
_DASH = '<span class="mute">—</span>'


def rows_html(
    page: TablePage, counts: Mapping[str, int], *, base: str, grouped: bool
) -> SafeString:
    """Rows for `<tbody>`, a head above each status. `base` is the address of the table."""
    drawn: list[str] = []
    status = ""
    for demand in page.rows:
        if grouped and demand.status != status:
            status = demand.status
            drawn.append(_group(status, counts.get(status, 0)))
        drawn.append(_row(demand, page.told[demand.pk], base))
    return mark_safe("".join(drawn))  # noqa: S308  (every text is escaped in _row)


def _group(status: str, count: int) -> str:
    said = ngettext("%(n)s demand", "%(n)s demands", count) % {"n": number(count)}
    return (
        f'<tr data-group><th scope="rowgroup">{escape(str(DemandStatus(status).label))}</th>'
        f'<td colspan="{COLUMNS - 1}">{escape(said)}</td></tr>'
    )


def _row(demand: Demand, told: Told, base: str) -> str:
    title = escape(demand.title)
    place = f"{demand.product} · {demand.module}" if demand.module else str(demand.product)
    return (
        f'<tr><th scope="row"><a class="what" href="{base}{demand.pk}/" title="{title}">'
        f'<span class="ref">{demand.ref}</span><span class="clip">{title}</span></a></th>'
        f"<td>{demand_badge(demand.status, plain=True)}{_again(demand)}</td>"
        f'<td><span class="clip place">{escape(place)}</span></td>'
        f"<td>{escape(str(DemandKind(demand.kind).label))}</td>"
        f'<td class="num">{number(told.people) if told.people else _DASH}</td>'
        f"<td>{_progress(told)}</td><td>{_date(demand)}</td><td>{_release(demand)}</td>"
        f"<td>{_owner(demand)}</td></tr>"
    )


def _again(demand: Demand) -> str:
    if not demand.reopened_times:
        return ""
    said = ngettext("not solved once", "not solved %(n)s times", demand.reopened_times) % {
        "n": demand.reopened_times
    }
    return f' <span class="warn small">{escape(said)}</span>'


def _progress(told: Told) -> str:
    if not told.begun:
        return _DASH
    figures = f"{told.delivered} / {told.read} / {told.confirmed}"
    return (
        f'<span class="obl">{told_bar(told)}<span class="num small" aria-hidden="true"'
        f' title="{escape(told_words(told))}">{figures}</span></span>'
    )


def _date(demand: Demand) -> str:
    if demand.status == DemandStatus.DEFERRED and demand.deferred_until:
        day = date_format(demand.deferred_until, "SHORT_DATE_FORMAT")
        return f'<span class="mute">{escape(_("again on %(day)s") % {"day": day})}</span>'
    if demand.planned_on is None:
        return _DASH
    return escape(date_format(demand.planned_on, "SHORT_DATE_FORMAT"))


def _release(demand: Demand) -> str:
    return escape(demand.release.name) if demand.release is not None else _DASH


def _owner(demand: Demand) -> str:
    if demand.product_owner is None:
        return _DASH
    name = demand.product_owner.name
    return f'<span class="line tight keep">{avatar(name)}<span>{escape(name)}</span></span>'
