"""Causes by tickets and hours, and whether what was fixed came back."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.charts import Part, stacked
from core.sheets import COUNT, DAY, HOURS, SHARE, Column
from reports.policies.explore.live import RECURRENCE
from reports.policies.explore.reading import by_point, by_value, read_sums, rows_of
from reports.policies.explore.times import read_hours
from reports.rendering.explore.blocks import (
    Ask,
    Block,
    Cell,
    Explored,
    cell_bar,
    count,
    dimension_label,
    hours_cell,
    percent,
    share_cell,
    share_chart,
)
from tickets.choices import CauseCategory, CauseState
from tickets.models import Cause

#: Causes listed; the rest are summed in one line.
MOST = 50
_SHOWN = ("title", "state", "promised_on", "reopened_times", "owner__name")


def causes_page(ask: Ask) -> Explored:
    found = read_hours(ask.asked, ask.scope, "cause", "cause")
    ranked = [(int(pk), n, seconds) for pk, (n, seconds) in found.items()]
    ranked.sort(key=lambda each: (-each[1], each[0]))
    shown = [pk for pk, _n, _seconds in ranked[:MOST]]
    known = Cause.objects.select_related("owner").only(*_SHOWN).in_bulk(shown)
    seen = set(Cause.objects.visible_to(ask.user).filter(pk__in=shown).values_list("pk", flat=True))
    categories = dict(
        Cause.objects.filter(pk__in=[pk for pk, _n, _hours in ranked]).values_list("pk", "category")
    )
    return Explored(
        _("Causes"),
        _(
            "Root causes by the tickets that joined them in the period and by the working hours"
            " these waited for staff and owners."
        ),
        [_ranked(ask, ranked, known, seen), _categories(ranked, categories)],
    )


def _ranked(
    ask: Ask, ranked: list[tuple[int, int, int]], known: dict[int, Cause], seen: set[int]
) -> Block:
    tickets = sum(n for _pk, n, _hours in ranked)
    waited = sum(seconds for _pk, _n, seconds in ranked)
    rows, so_far = [], 0
    for pk, n, seconds in ranked[:MOST]:
        cause = known.get(pk)
        so_far += n
        rows.append([
            Cell(_title(pk, cause, seen), href=""),
            Cell("", cell_bar(stacked([Part(n, "b")], label="", total=ranked[0][1]))),
            count(n, ask.rows_url("cause", narrow={"cause": str(pk)})),
            Cell(so_far / tickets, percent(so_far, tickets)),
            hours_cell(seconds, ask.rows_url("cause", narrow={"cause": str(pk)})),
            Cell(seconds / waited if waited else None, percent(seconds, waited)),
            Cell(str(CauseState(cause.state).label) if cause else ""),
            Cell(cause.owner.name if cause and cause.owner else ""),
            Cell(cause.promised_on if cause else None, _day(cause.promised_on if cause else None)),
            count(cause.reopened_times if cause else 0),
        ])  # fmt: skip
    if len(ranked) > MOST:
        rest = ranked[MOST:]
        more, hours = sum(n for _pk, n, _h in rest), sum(h for _pk, _n, h in rest)
        rows.append([
            Cell(_("%(n)s more causes") % {"n": len(rest)}), Cell(""), count(more),
            Cell(1.0, percent(1, 1)), hours_cell(hours),
            Cell(hours / waited if waited else None, percent(hours, waited)),
            Cell(""), Cell(""), Cell(None, " "), Cell(None, " "),
        ])  # fmt: skip
    columns = [
        Column(_("Cause"), width=48),
        Column(pgettext("explore", "Bar")),
        Column(_("Tickets"), COUNT),
        Column(_("Running share"), SHARE),
        Column(_("Hours"), HOURS),
        Column(_("Share of hours"), SHARE),
        Column(_("State")),
        Column(_("Owner")),
        Column(_("Promised date"), DAY),
        Column(_("Came back"), COUNT),
    ]
    return Block(_("Causes by tickets"), columns, rows,
                 empty=_("No ticket joined a cause in this period."))  # fmt: skip


def _title(pk: int, cause: Cause | None, seen: set[int]) -> Any:
    """The title where the reader may open the cause."""
    return f"C-{pk} {cause.title}" if cause is not None and pk in seen else f"C-{pk}"


def _day(day: Any) -> str:
    return day.isoformat() if day else "—"


def _categories(ranked: list[tuple[int, int, int]], known: dict[int, str]) -> Block:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for pk, n, seconds in ranked:
        each = sums[known.get(pk, "")]
        each[0] += 1
        each[1] += n
        each[2] += seconds
    tickets = sum(each[1] for each in sums.values())
    rows = [
        [
            Cell(str(CauseCategory(category).label) if category else _("Not given")),
            count(causes), count(n), Cell(n / tickets, percent(n, tickets)), hours_cell(seconds),
        ]
        for category, (causes, n, seconds) in sorted(sums.items(), key=lambda item: -item[1][1])
    ]  # fmt: skip
    columns = [
        Column(_("Category"), width=24),
        Column(_("Causes"), COUNT),
        Column(_("Tickets"), COUNT),
        Column(_("Share"), SHARE),
        Column(_("Hours"), HOURS),
    ]
    return Block(_("By category"), columns, rows,
                 empty=_("No ticket joined a cause in this period."))  # fmt: skip


def recurrence_page(ask: Ask) -> Explored:
    sums = read_sums(ask.asked, ask.scope, ["recurrence"], split="module")
    points = by_point(sums, "recurrence")
    values = [
        (start, points[start].rows, points[start].met, ask.asked.is_over(start, RECURRENCE))
        for start in ask.asked.points
    ]
    label = _("Came back within 90 days")
    rows = [
        [
            Cell(ask.point_name(start)),
            share_cell(fixed, back, ask.rows_url("recurrence", start))
            if over
            else Cell(None, _("not over"), tone="mute"),
            count(back, ask.rows_url("recurrence", start, narrow={"part": "met"})),
            count(fixed, ask.rows_url("recurrence", start)),
        ]
        for start, fixed, back, over in reversed(values)
        if fixed or over
    ]
    columns = [
        Column(_("Period")),
        Column(_("Recurrence"), SHARE),
        Column(_("Came back"), COUNT),
        Column(_("Fixed"), COUNT),
    ]
    note = _("Grey: the ninety days are not over, so the share may still rise.")
    chart = share_chart(ask, "recurrence", label, values)
    return Explored(
        _("Recurrence"),
        _("Causes delivered as fixed, and those a confirmed match opened again within 90 days."),
        [
            Block(label, columns, rows, chart, note=note),
            _by_module(ask, by_value(sums, "recurrence")),
            _came_back(ask),
        ],
    )


def _by_module(ask: Ask, sums: dict[str, Any]) -> Block:
    rows = [
        [
            Cell(ask.names.of("module", key)),
            count(each.met, ask.rows_url("recurrence", narrow={"module": key, "part": "met"})),
            count(each.rows, ask.rows_url("recurrence", narrow={"module": key})),
        ]
        for key, each in sorted(sums.items(), key=lambda item: (-item[1].met, -item[1].rows))
    ]
    columns = [
        Column(dimension_label("module"), width=24),
        Column(_("Came back so far"), COUNT),
        Column(_("Fixed"), COUNT),
    ]
    return Block(_("By module"), columns, rows, empty=_("Nothing was fixed in this period."))


def _came_back(ask: Ask) -> Block:
    """The causes behind it, those that came back most first."""
    rows = rows_of(ask.asked, ask.scope, "recurrence").filter(amount=1).order_by()
    times = dict(rows.values_list("subject_id").annotate(n=Count("id")))
    causes = Cause.objects.visible_to(ask.user).filter(pk__in=list(times))
    shown = sorted(causes, key=lambda cause: (-cause.reopened_times, cause.pk))
    lines = [
        [
            Cell(f"C-{cause.pk} {cause.title}", href=""),
            Cell(str(CauseState(cause.state).label)),
            count(cause.reopened_times, reverse("cause", args=[cause.pk])),
        ]
        for cause in shown
    ]
    columns = [Column(_("Cause"), width=48), Column(_("State")), Column(_("Came back"), COUNT)]
    return Block(_("Causes that came back"), columns, lines, empty=_("None came back."))
