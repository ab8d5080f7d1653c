"""How numbers of a report are worded: times, shares, changes, names of steps."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.markup import change, number
from reports.choices import (
    CAUSE_PREFIX,
    DEBT_PREFIX,
    FIGURES,
    STEP_PREFIX,
    TEAM_PREFIX,
    THIN,
    Kind,
    kind_of,
)
from tickets.choices import Level, Status

HOUR = 3600


def hours(seconds: float | None) -> str:
    """Minutes up to one hour, then hours with one decimal up to ten."""
    if seconds is None:
        return "—"
    if seconds < HOUR:
        return _("%(n)s min") % {"n": number(seconds / 60)}
    decimals = 1 if seconds < 10 * HOUR else 0
    return _("%(n)s h") % {"n": number(seconds / HOUR, decimals)}


def days(seconds: float | None) -> str:
    if seconds is None:
        return "—"
    return _("%(n)s days") % {"n": number(seconds / 86400, 1 if seconds < 10 * 86400 else 0)}


def whole_days(count: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", count) % {"n": number(count)}


def signed(change: int) -> str:
    return f"+{number(change)}" if change > 0 else number(change)


def share(value: float | None) -> str:
    return "—" if value is None else f"{number(value * 100, 1)}%"


def figure_text(name: str, figure: dict[str, Any]) -> str:
    """The figure as it is printed."""
    kind = kind_of(name)
    if name in FIGURES and figure["n"] < FIGURES[name].enough:
        return _("Sample too small")
    if kind == Kind.SHARE:
        return share(figure["value"])
    if kind in (Kind.TIME, Kind.STEP):
        return hours(figure["value"])
    return number(figure["value"])


def target_text(name: str, target: float) -> str:
    """What a figure was to reach, with the sign of the side it has to lie on."""
    sign = "≥" if FIGURES[name].good == "up" else "≤"
    kind = kind_of(name)
    if kind == Kind.SHARE:
        # Whole percent are written whole: 95 %, and 99.5 %.
        percent = round(target * 100, 1)
        return f"{sign} {number(percent, 0 if percent == int(percent) else 1)}%"
    return f"{sign} {hours(target) if kind == Kind.TIME else number(target)}"


def is_thin(name: str, figure: dict[str, Any]) -> bool:
    """Too few rows to compare. Counts say themselves how many they are."""
    enough = max(THIN, FIGURES[name].enough) if name in FIGURES else THIN
    return kind_of(name) in (Kind.SHARE, Kind.TIME) and figure["n"] < enough


def change_text(name: str, figure: dict[str, Any], since: str = "week") -> SafeString | str:
    """Against last week or the period before; "" where there is nothing to compare."""
    value, before = figure["value"], figure.get("previous")
    if value is None or before is None or is_thin(name, figure):
        return ""
    kind, good = kind_of(name), FIGURES[name].good
    if kind == Kind.SHARE:
        return change((value - before) * 100, kind="points", good=good, decimals=1, since=since)
    if kind == Kind.TIME:
        return change((value - before) / HOUR, kind="hours", good=good, decimals=1, since=since)
    return change(value - before, good=good, since=since)


def figure_label(name: str, names: dict[str, dict[str, str]]) -> str:
    """What a figure is called, steps and causes included."""
    if name.startswith(STEP_PREFIX):
        return step_label(name, names)
    if name.startswith(CAUSE_PREFIX):
        return _("Tickets that joined C-%(number)s") % {"number": name.removeprefix(CAUSE_PREFIX)}
    if name.startswith(TEAM_PREFIX):
        team = team_in(names, name.removeprefix(TEAM_PREFIX))
        return _("Resolved by %(team)s") % {"team": team}
    if name.startswith(DEBT_PREFIX):
        return _("What speaks for an item of manual debt")
    return str(FIGURES[name].label)


def team_in(names: dict[str, dict[str, str]], key: str) -> str:
    """What a team was called then; "0" is none."""
    return names.get("team", {}).get(key) or (_("no team") if key == "0" else f"#{key}")


def step_label(step: str, names: dict[str, dict[str, str]]) -> str:
    """A step in words: where the ticket is, and whom it waits for."""
    status, level, holder, team_id = _split(step)
    place = str(Level(level).label) if level else str(Status(status).label)
    return pgettext("step of a ticket", "%(place)s · %(wait)s") % {
        "place": place,
        "wait": _wait(status, holder, names.get("team", {}).get(team_id, "")),
    }


def _split(step: str) -> tuple[str, int, str, str]:
    rest, holder, team_id = step.removeprefix(STEP_PREFIX).rsplit("_", 2)
    status, level = rest.rsplit("_", 1)
    return status, int(level), holder, team_id


def _wait(status: str, holder: str, team: str) -> str:
    if status == Status.RESOLVED:
        return _("waiting for the requester to confirm")
    if status == Status.PENDING:
        return _("waiting for the requester to answer")
    if holder == "owner":
        return _("waiting for the owner")
    if holder == "demand":
        return _("waiting for the demand")
    if status == Status.ON_HOLD:
        return _("with %(team)s") % {"team": team} if team else _("waiting for others")
    if status == Status.NEW:
        return _("not taken up, %(team)s") % {"team": team} if team else _("not taken up")
    return _("being worked on, %(team)s") % {"team": team} if team else _("being worked on")


def waits_for_requester(step: str) -> bool:
    """Below the line of the bottlenecks: nobody of the staff holds these."""
    return _split(step)[2] == "requester"


def name_in(names: dict[str, dict[str, str]], dimension: str, key: str) -> str:
    """What it was called then; the product without a name is the one of the house."""
    if not key:
        return _("Not given")
    known = names.get(dimension, {})
    if dimension == "product" and known.get(key) == "":
        return _("Other / not sure")
    return known.get(key) or f"#{key}"
