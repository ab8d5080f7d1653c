"""The weekly report as a page: headline figures, lines, bottlenecks, ladder, breakdowns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.charts import Bar, Part, bars, ladder, wait_bar
from core.markup import number
from reports.choices import (
    BACKLOG_SIGN,
    CAUSE_PREFIX,
    DEFINITION_VERSION,
    FIGURES,
    PROOF_DAYS,
    THIN,
    PeriodKind,
)
from reports.models import Snapshot
from reports.policies.periods import Period
from reports.policies.report import Report
from reports.policies.summary import identity_gap
from reports.rendering.conclusion import drafted, rows_url, steps_by_time
from reports.rendering.outlook import Glance
from reports.rendering.periods import axis_of, kind_tabs, short_of, since_of, title_of
from reports.rendering.sheet import Sheet, sheet_of_report, sheet_of_snapshot
from reports.rendering.words import (
    change_text,
    figure_text,
    hours,
    is_thin,
    name_in,
    share,
    step_label,
    waits_for_requester,
)
from tickets.choices import CauseState, Level

#: At most fourteen, in the order of the report's sections (product.md). Shares and times without
#: a row behind them are left out of the page.
HEADLINES = (
    "created", "resolved", "confirmed", "unresolved_at_end", "response_on_time",
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
)
LADDER_WEEKS = 6
STEPS = 4
WAITING = 1
CAUSES = 5
LOOP = (
    "demands_new", "demands_accepted", "demands_declined", "demands_released", "told",
    "round_confirmed", "round_not_solved",
)  # fmt: skip
_LEVELS = tuple(f"level_{level}" for level in Level.values)


def page_as_html(source: Snapshot | Report) -> str:
    """The whole page for who reads everything, as the command line prints it."""
    if isinstance(source, Snapshot):
        sheet = sheet_of_snapshot(source)
    else:
        sheet = sheet_of_report(source, DEFINITION_VERSION)
    context = {**page_context(sheet), "now": timezone.now(), "company": settings.COMPANY_NAME}
    return render_to_string("reports/weekly_report.html", context)


def page_context(sheet: Sheet, glance: Glance | None = None) -> dict[str, Any]:
    """Everything the template shows; `glance` is what the outlook adds."""
    return {
        "sheet": sheet,
        "period": sheet.period,
        "title": title_of(sheet.period),
        "dates": _dates(sheet.period),
        **neighbours(sheet.period),
        "at_a_glance": drafted(sheet),
        "headlines": [headline for name in HEADLINES if (headline := _headline(sheet, name))],
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
        "screening": [line for name in SCREENING if (line := _headline(sheet, name))],
        "products": _products(sheet),
        "causes": _causes(sheet)[:CAUSES],
        "loop": _loop(sheet),
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


def _dates(week: Period) -> str:
    return _("%(first)s – %(last)s") % {
        "first": date_format(week.first, "DATE_FORMAT"),
        "last": date_format(week.last, "DATE_FORMAT"),
    }


@dataclass(frozen=True)
class Headline:
    """One headline figure with its change since last week and a remark."""

    label: str
    value: str
    href: str
    change: SafeString | str
    note: str
    thin: bool


def _headline(sheet: Sheet, name: str) -> Headline | None:
    """None for what was not measured this week: no share of nothing, no confirmation abroad."""
    found = sheet.figures.get(name)
    if found is None or found["value"] is None:
        return None
    label = str(FIGURES[name].label)
    if name == "confirmed" and not found["n"] + sheet.figures["auto_confirmed"]["n"]:
        # Imported tickets do not say who closed them.
        name, found, label = "closed", sheet.figures["closed"], str(FIGURES["closed"].label)
    thin = is_thin(name, found)
    return Headline(
        label=label,
        value=figure_text(name, found),
        href=rows_url(sheet.period.name, name),
        change=change_text(name, found, since_of(sheet.period)),
        note=_note(sheet, name, found, thin),
        thin=thin,
    )


def _note(sheet: Sheet, name: str, found: dict[str, Any], thin: bool) -> str:
    """The second line of a figure: its n, its tail, or what is counted apart."""
    figures = sheet.figures
    if name == "confirmed":
        return _("%(n)s more closed by silence, not in it") % {
            "n": number(figures["auto_confirmed"]["n"])
        }
    if name == "resolved" and found.get("working_days"):
        return _per_day(found)
    if name == "unresolved_at_end":
        return _("%(old)s over 7 days, %(demand)s waiting for a demand") % {
            "old": number(figures["over_7_days"]["n"]),
            "demand": number(figures["waiting_for_demand"]["n"]),
        }
    if "p90" in found:
        return _("P90 %(p90)s, n = %(n)s, working time") % {
            "p90": hours(found["p90"]),
            "n": number(found["n"]),
        }
    if "met" in found:
        line = _("%(met)s of %(n)s") % {"met": number(found["met"]), "n": number(found["n"])}
        if FIGURES[name].cohort:
            line = _cohort(sheet.period, FIGURES[name].cohort, line)
        if name == "satisfaction" and figures.get("rating_response", {}).get("n"):
            answered = share(figures["rating_response"]["value"])
            line = _("%(line)s, %(share)s rated") % {"line": line, "share": answered}
        return _("%(text)s; few, no comparison") % {"text": line} if thin else line
    if found.get("mean") is not None:
        if sheet.period.kind != PeriodKind.WEEK:
            return _("mean of the four before: %(n)s") % {"n": number(found["mean"], 1)}
        return _("mean of the four weeks before: %(n)s") % {"n": number(found["mean"], 1)}
    return ""


def _per_day(found: dict[str, Any]) -> str:
    """Of the whole team, never of one person."""
    per_day = number(found["value"] / found["working_days"], 1)
    if not found.get("staff"):
        return _("%(n)s a working day") % {"n": per_day}
    per_head = number(found["value"] / found["staff"], 1)
    return _("%(n)s a working day, %(each)s a head") % {"n": per_day, "each": per_head}


def _cohort(period: Period, back: int, line: str) -> str:
    """The share with the days its rows are of, which are not the report's own."""
    if period.kind == PeriodKind.WEEK and back == PROOF_DAYS:
        return _("%(share)s, week %(week)s") % {"share": line, "week": period.shift(-2).number}
    cohort = period.back(back)
    days = {"share": line, "from": _day(cohort.first), "until": _day(cohort.last)}
    return _("%(share)s, of %(from)s – %(until)s") % days


def _day(day: dt.date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


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
    return bars(points, label=_("Created and resolved"), forecast=forecast)


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


def _products(sheet: Sheet) -> list[dict[str, Any]]:
    """One line per product with work this week, most created first."""
    lines = []
    for key, part in sheet.products.items():
        created = part.get("created", {}).get("value", 0)
        resolution, on_time = part.get("resolution"), part.get("resolution_on_time")
        relayed = part.get("relay_only")
        open_at_end = part.get("unresolved_at_end", {}).get("value", 0)
        before = sheet.products_before.get(key)
        lines.append(
            {
                "name": name_in(sheet.names, "product", key),
                "created": created,
                "created_url": rows_url(sheet.period.name, "created", product=key),
                "change": _signed(created - before) if before is not None else "",
                "unresolved": open_at_end,
                "unresolved_url": rows_url(sheet.period.name, "unresolved_at_end", product=key),
                "p50": hours(resolution["value"]) if resolution else "—",
                "on_time": share(on_time["value"]) if on_time else "—",
                "on_time_url": rows_url(sheet.period.name, "resolution_on_time", product=key)
                if on_time
                else "",
                "relay_only": share(relayed["value"]) if relayed else "—",
                "thin": max(created, (resolution or {}).get("n", 0)) < THIN,
            }
        )
    return sorted(lines, key=lambda line: (-line["created"], line["name"]))


def _signed(change: int) -> str:
    return f"+{number(change)}" if change > 0 else number(change)


def _causes(sheet: Sheet) -> list[dict[str, Any]]:
    return [
        {
            **cause,
            "ref": f"C-{cause['cause_id']}",
            "url": rows_url(sheet.period.name, f"{CAUSE_PREFIX}{cause['cause_id']}"),
            "change": _signed(cause["tickets"] - cause["previous"])
            if cause["previous"] is not None
            else "",
            "state_label": CauseState(cause["state"]).label,
            "promised": dt.date.fromisoformat(cause["promised_on"])
            if cause["promised_on"]
            else None,
        }
        for cause in sheet.causes
    ]


def _loop(sheet: Sheet) -> list[dict[str, Any]]:
    """What became of demands and of the people owed word; empty when nothing happened."""
    found = [
        {
            "label": FIGURES[name].label,
            "value": sheet.figures[name]["value"],
            "url": rows_url(sheet.period.name, name),
        }
        for name in LOOP
    ]
    return found if any(line["value"] for line in found) else []
