"""Headline figures: each with its change, its n, the mean of the four before, and its target."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.markup import number
from reports.choices import FIGURES, PROOF_DAYS, Kind, PeriodKind, kind_of
from reports.policies.periods import Period
from reports.policies.targets import missed_by
from reports.rendering.conclusion import rows_url
from reports.rendering.periods import since_of
from reports.rendering.sheet import Sheet
from reports.rendering.words import change_text, figure_text, hours, is_thin, share, target_text


@dataclass(frozen=True)
class Headline:
    """One headline figure with its change since last week, a remark, and what it is held against.

    `is_short`: it lies on the wrong side of its target.
    """

    label: str
    value: str
    href: str
    change: SafeString | str
    note: str
    against: str
    thin: bool
    is_short: bool


def headline(sheet: Sheet, name: str) -> Headline | None:
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
        against=_against(name, found, thin),
        thin=thin,
        is_short=not thin and missed_by(name, found) > 0,
    )


def _against(name: str, found: dict[str, Any], thin: bool) -> str:
    """The mean of the four before and the target; a small sample is held against neither."""
    if thin:
        return ""
    mean, target = found.get("mean"), found.get("target")
    said = _mean_text(name, mean) if mean is not None else ""
    if target is None:
        return _("four before: %(mean)s") % {"mean": said} if said else ""
    goal = target_text(name, target)
    if not said:
        return _("target %(target)s") % {"target": goal}
    return _("four before: %(mean)s · target %(target)s") % {"mean": said, "target": goal}


def _mean_text(name: str, mean: float) -> str:
    kind = kind_of(name)
    if kind == Kind.SHARE:
        return share(mean)
    return hours(mean) if kind == Kind.TIME else number(mean, 1)


def _note(sheet: Sheet, name: str, found: dict[str, Any], thin: bool) -> str:
    """The second line of a figure: its n, its tail, or what is counted apart."""
    figures = sheet.figures
    if name == "volume":
        created = figures["created"]["n"]
        return _("%(tickets)s tickets, %(voices)s “same here”") % {
            "tickets": number(created), "voices": number(found["n"] - created),
        }  # fmt: skip
    if name == "confirmed":
        return _("%(n)s more closed by silence, not in it") % {
            "n": number(figures["auto_confirmed"]["n"])
        }
    if name == "resolved":
        return _resolved(found)
    if name == "unresolved_at_end":
        return _("%(old)s over 7 days, %(demand)s waiting for a demand") % {
            "old": number(figures["over_7_days"]["n"]),
            "demand": number(figures["waiting_for_demand"]["n"]),
        }
    if "p90" in found:
        return _timed(name, found, figures)
    if "met" in found:
        return _shared(sheet, name, found, thin)
    return ""


def _timed(name: str, found: dict[str, Any], figures: dict[str, Any]) -> str:
    """Still-open tickets are neither fast nor dropped: they are counted apart."""
    line = {"p90": hours(found["p90"]), "n": number(found["n"])}
    if name != "resolution":
        return _("P90 %(p90)s, n = %(n)s, working time") % line
    line["open"] = number(figures["unresolved_at_end"]["n"])
    return _("P90 %(p90)s, n = %(n)s; %(open)s still open, not in it") % line


def _shared(sheet: Sheet, name: str, found: dict[str, Any], thin: bool) -> str:
    line = _("%(met)s of %(n)s") % {"met": number(found["met"]), "n": number(found["n"])}
    if FIGURES[name].cohort:
        line = _cohort(sheet.period, FIGURES[name].cohort, line)
    if name == "satisfaction" and sheet.figures.get("rating_response", {}).get("n"):
        answered = share(sheet.figures["rating_response"]["value"])
        line = _("%(line)s, %(share)s rated") % {"line": line, "share": answered}
    return _("%(text)s; few, no comparison") % {"text": line} if thin else line


def _resolved(found: dict[str, Any]) -> str:
    """Of the whole team, never of one person; and how many tickets, where one came twice."""
    lines = []
    tickets = found.get("tickets", found["n"])
    if tickets != found["n"]:
        lines.append(ngettext("%(n)s ticket", "%(n)s tickets", tickets) % {"n": number(tickets)})
    if days := found.get("working_days"):
        words = {"n": number(found["value"] / days, 1)}
        if staff := found.get("staff"):
            words["each"] = number(found["value"] / staff, 1)
            lines.append(_("%(n)s a working day, %(each)s a head") % words)
        else:
            lines.append(_("%(n)s a working day") % words)
    return " · ".join(lines)


def _cohort(period: Period, back: int, line: str) -> str:
    """The share with the days its rows are of, which are not the report's own."""
    if period.kind == PeriodKind.WEEK and back == PROOF_DAYS:
        return _("%(share)s, week %(week)s") % {"share": line, "week": period.shift(-2).number}
    cohort = period.back(back)
    days = {"share": line, "from": _day(cohort.first), "until": _day(cohort.last)}
    return _("%(share)s, of %(from)s – %(until)s") % days


def _day(day: dt.date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


#: What a message says before anybody opens the page.
_IN_SHORT = ("volume", "resolved", "unresolved_at_end", "response_on_time", "resolution_on_time")


def headlines_line(sheet: Sheet) -> str:
    """The first figures in one line, for mail and chat."""
    lines = [line for name in _IN_SHORT if (line := headline(sheet, name))]
    return " · ".join(f"{line.label} {line.value}" for line in lines)
