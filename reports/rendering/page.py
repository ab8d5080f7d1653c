"""The weekly report as a page: headline figures, lines, bottlenecks, ladder, breakdowns."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.charts import Bar, Part, bars, ladder, wait_bar
from core.markup import number
from reports.choices import (
    BACKLOG_SIGN,
    FIGURES,
    THIN,
    PeriodKind,
)
from reports.models import Snapshot
from reports.policies.periods import Period, period_named
from reports.policies.summary import identity_gap
from reports.rendering import sections
from reports.rendering.conclusion import drafted, rows_url, steps_by_time
from reports.rendering.debts import debts
from reports.rendering.headlines import headline
from reports.rendering.outlook import Glance
from reports.rendering.periods import axis_of, kind_tabs, short_of, title_of
from reports.rendering.sheet import Sheet
from reports.rendering.words import (
    hours,
    step_label,
    waits_for_requester,
)
from tickets.choices import Level

#: At most fourteen, in the order of the report's sections (product.md). Shares and times without
#: a row behind them are left out of the page.
HEADLINES = (
    "volume", "resolved", "confirmed", "unresolved_at_end", "response_on_time",
    "resolution_on_time", "solved_first_time", "satisfaction", "first_response", "resolution",
    "owner_on_time", "told_rate", "relay_only", "first_judgement",
)  # fmt: skip
#: Beside the ladder, one line each.
SCREENING = (
    "non_technical_relay",
    "routed_first_time",
    "decline_rate",
    "symptom_only",
    "recurrence",
    "self_service",
    "announced",
)
LADDER_WEEKS = 6
CHART_HEIGHT = 176
STEPS = 4
WAITING = 1
_LEVELS = tuple(f"level_{level}" for level in Level.values)


def page_head(source: Snapshot | Sheet) -> dict[str, Any]:
    """What stands above the frozen part: the period, its neighbours, when it was cut."""
    if isinstance(source, Snapshot):
        period = period_named(source.period)
        corrects = source.replaces.computed_at if source.replaces is not None else None
    else:
        period, corrects = source.period, source.corrects
    return {
        "period": period,
        "title": title_of(period),
        "dates": dates_of(period),
        **neighbours(period),
        "head": {
            "as_of": source.as_of, "computed_at": source.computed_at, "corrects": corrects,
            "definition_version": source.definition_version,
        },
    }  # fmt: skip


def page_context(sheet: Sheet, glance: Glance | None = None) -> dict[str, Any]:
    """What the frozen part shows; `glance` is what the outlook adds."""
    return {
        "period": sheet.period,
        "at_a_glance": drafted(sheet),
        "headlines": [line for name in HEADLINES if (line := headline(sheet, name))],
        "working_days": sheet.figures["resolved"].get("working_days"),
        "identity": _identity(sheet),
        "glance": glance,
        "weeks_chart": _weeks_chart(sheet, glance),
        "weeks_table": _weeks_table(sheet),
        "weeks_legend": [
            {"label": FIGURES["created"].label, "css": "bars"},
            {"label": _now_label(sheet.period), "css": "now"},
            {"label": FIGURES["resolved"].label, "css": "line"},
        ],
        "weeks_columns": [
            {"label": PeriodKind(sheet.period.kind).label},
            *(
                {"label": FIGURES[name].label, "numeric": True}
                for name in ("created", "resolved", "unresolved_at_end")
            ),
        ],
        "steps": _steps(sheet),
        "ladder": _ladder(sheet),
        "screening": [line for name in SCREENING if (line := headline(sheet, name))],
        "products": sections.products(sheet),
        "causes": sections.causes(sheet),
        "push": sections.push(sheet),
        "overdue": sections.overdue(sheet),
        "loop": sections.loop(sheet),
        "debts": debts(sheet),
        "thin": THIN,
    }


def neighbours(period: Period) -> dict[str, Any]:
    """The ways from one report to the others: to those beside it, and to longer ones."""
    before, after = period.shift(-1), period.shift(1)
    return {
        "previous": (short_of(before), reverse("weekly_report", args=[before.name])),
        "next": (short_of(after), reverse("weekly_report", args=[after.name])),
        "kinds": [
            {"label": label, "url": reverse("reports_latest", args=[kind]), "current": shown}
            for kind, label, shown in kind_tabs(period.kind)
        ],
    }


def _now_label(period: Period) -> str:
    return _("This week") if period.kind == PeriodKind.WEEK else _("This period")


def dates_of(week: Period) -> str:
    return _("%(first)s – %(last)s") % {
        "first": date_format(week.first, "DATE_FORMAT"),
        "last": date_format(week.last, "DATE_FORMAT"),
    }


def _identity(sheet: Sheet) -> dict[str, Any]:
    """The backlog's sum as it is printed, and whether it comes out (invariant 11)."""
    signs = {name: sign for name, sign in BACKLOG_SIGN.items() if not name.startswith("moved")}
    values = {name: sheet.figures[name]["value"] for name in signs}
    return {
        "start": sheet.figures["unresolved_at_start"]["value"],
        "start_url": rows_url(sheet.period.name, "unresolved_at_start"),
        "terms": [
            {
                "sign": "+" if sign > 0 else "−",
                "label": FIGURES[name].label,
                "value": values[name],
                "url": rows_url(sheet.period.name, name),
            }
            for name, sign in signs.items()
            if values[name] or name in ("created", "reopened", "resolved")
        ],
        "end": sheet.figures["unresolved_at_end"]["value"],
        "end_url": rows_url(sheet.period.name, "unresolved_at_end"),
        "gap": identity_gap(lambda name: int(sheet.figures[name]["value"] or 0)),
    }


def _trend(sheet: Sheet) -> list[tuple[Period, dict[str, Any]]]:
    """The weeks before with data and the report's own, oldest first: week and plain values."""
    own = {name: found["value"] for name, found in sheet.figures.items()}
    return [*sheet.trend_periods(), (sheet.period, own)]


def _weeks_chart(sheet: Sheet, glance: Glance | None) -> SafeString:
    points = []
    for week, values in _trend(sheet):
        title = _("%(period)s: created %(created)s, resolved %(resolved)s") % {
            "period": short_of(week), "created": number(values["created"]),
            "resolved": number(values["resolved"]),
        }  # fmt: skip
        points.append(
            Bar(
                label=axis_of(week), value=values["created"], title=title,
                href=rows_url(week.name, "created"), line=values["resolved"],
                current=week == sheet.period,
            )
        )  # fmt: skip
    forecast = glance.bar if glance is not None else None
    return bars(points, label=_("Created and resolved"), forecast=forecast, height=CHART_HEIGHT)


def _weeks_table(sheet: Sheet) -> list[list[str]]:
    return [
        [week.name, *(number(values[n]) for n in ("created", "resolved", "unresolved_at_end"))]
        for week, values in _trend(sheet)
    ]


def _steps(sheet: Sheet) -> dict[str, list[dict[str, Any]]]:
    """The slowest steps held by staff or owners; below the line what waits for the requester."""
    ordered = [step for step in steps_by_time(sheet) if sheet.figures[step]["value"]]
    staff = [step for step in ordered if not waits_for_requester(step)][:STEPS]
    waiting = [step for step in ordered if waits_for_requester(step)][:WAITING]
    return {
        "staff": [_step(sheet, step, _scale(sheet, staff), top=step == staff[0]) for step in staff],
        # A scale of its own: days of silence would dwarf every hour of work.
        "waiting": [_step(sheet, step, _scale(sheet, waiting), top=False) for step in waiting],
    }


def _scale(sheet: Sheet, steps: list[str]) -> float:
    return max((sheet.figures[step]["value"] for step in steps), default=1)


def _step(sheet: Sheet, step: str, scale: float, *, top: bool) -> dict[str, Any]:
    found = sheet.figures[step]
    still = found["value"] - found["ended"]
    return {
        "label": step_label(step, sheet.names),
        "bar": wait_bar(found["ended"], still, scale=scale, top=top),
        "total": hours(found["value"]),
        "url": rows_url(sheet.period.name, step),
        "p50": hours(found["p50"]),
        "p90": hours(found["p90"]),
        "n": found["n"],
        "queue": found["queue"],
        "thin": found["n"] < THIN,
        "top": top,
    }


def _ladder(sheet: Sheet) -> dict[str, Any]:
    """Shares of the levels in tickets, week by week, with distinct causes of this one."""
    lines = []
    for week, values in _trend(sheet)[-LADDER_WEEKS:]:
        counts = [values.get(name) or 0 for name in _LEVELS]
        parts = [
            Part(
                count, f"ink{level}", f"{level} {Level(level).label}: {number(count)}",
                rows_url(week.name, f"level_{level}"),
            )
            for level, count in enumerate(counts, start=1)
        ]  # fmt: skip
        label = _("Levels of %(period)s: %(counts)s") % {
            "period": short_of(week), "counts": ", ".join(number(count) for count in counts),
        }  # fmt: skip
        lines.append(
            {
                "period": short_of(week),
                "n": sum(counts),
                "bar": ladder(parts, label=label),
                "current": week == sheet.period,
            }
        )
    own = [sheet.figures[name] for name in _LEVELS]
    return {
        "lines": [line for line in lines if line["n"]],
        "legend": [
            {"label": f"{level} {Level(level).label}", "css": f"ink{level}"}
            for level in Level.values
        ],
        "causes": _causes_of_level_3(own[2]),
        "research": sheet.figures["research"]["value"],
        "research_url": rows_url(sheet.period.name, "research"),
        "unlevelled": sheet.figures["unlevelled"]["value"],
        "unlevelled_url": rows_url(sheet.period.name, "unlevelled"),
    }


def _causes_of_level_3(found: dict[str, Any]) -> str:
    """Fourteen tickets of one cause are one push."""
    if not found["value"]:
        return ""
    causes = ngettext("%(n)s cause", "%(n)s causes", found["causes"]) % {
        "n": number(found["causes"])
    }
    return _("On level 3: %(tickets)s tickets of %(causes)s.") % {
        "tickets": number(found["value"]), "causes": causes,
    }  # fmt: skip
