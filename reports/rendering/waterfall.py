"""The waterfall of a ticket in words: rows with a bar each, sums by level."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.markup import level_glyph
from reports.policies.waterfall import Stay, Waterfall
from tickets.choices import Level, ReturnReason, Status

_SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True)
class StayRow:
    level: SafeString
    status: str
    label: str
    holder: str
    start: dt.datetime
    end: dt.datetime | None
    working: str
    wall: str
    bar: SafeString
    mark: str
    is_return: bool


@dataclass(frozen=True)
class Fall:
    """What the page shows."""

    rows: Sequence[StayRow]
    levels: Sequence[tuple[SafeString, str]]
    working: str
    wall: str
    bounces: int
    is_flagged: bool


def fall_of(found: Waterfall) -> Fall:
    return Fall(
        rows=list(_rows(found)),
        levels=[(_level(level), clock(worked)) for level, worked in found.by_level().items()],
        working=clock(found.working),
        wall=clock(found.wall),
        bounces=found.bounces,
        is_flagged=found.is_flagged,
    )


def clock(length: dt.timedelta) -> str:
    """Hours and minutes: `27:05`."""
    seconds = int(length / _SECOND)
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}"


def _level(level: int) -> SafeString:
    if not level:
        return mark_safe("—")
    return level_glyph(level, str(Level(level).label))


def _rows(found: Waterfall) -> Iterator[StayRow]:
    whole = found.working / _SECOND or 1.0
    passed = 0.0
    for stay in found.stays:
        width = stay.working / _SECOND
        yield StayRow(
            level=_level(stay.level), status=stay.status, label=str(Status(stay.status).label),
            holder=_holder(stay), start=stay.start, end=None if stay.goes_on else stay.end,
            working=clock(stay.working), wall=clock(stay.wall),
            bar=_bar(stay, 100 * passed / whole, 100 * width / whole), mark=_mark(stay),
            is_return=bool(stay.reason),
        )  # fmt: skip
        passed += width


def _bar(stay: Stay, x: float, width: float) -> SafeString:
    """The stay where it lies in the whole working time; never so thin that it cannot be seen."""
    css = "waited" if stay.waits_for_requester else f"ink{stay.level or 1}"
    width = max(width, 0.6)
    return mark_safe(  # noqa: S308  (numbers of ours)
        '<svg class="fallbar" width="100%" height="14" aria-hidden="true">'
        f'<rect class="{css}" x="{min(x, 100 - width):.2f}%" width="{width:.2f}%" height="14"/>'
        "</svg>"
    )


def _holder(stay: Stay) -> str:
    if stay.holder_kind == "demand":
        return stay.holder or _("A demand")
    if stay.holder_kind == "team" and stay.status != Status.ON_HOLD:
        return _("%(team)s, nobody yet") % {"team": stay.holder or _("No team")}
    return stay.holder or _("Nobody yet")


def _mark(stay: Stay) -> str:
    """What ended the stay, where that tells something."""
    if stay.goes_on:
        return _("Now")
    if stay.reason:
        return _("Came back: %(reason)s") % {"reason": ReturnReason(stay.reason).label}
    return _("Handed over") if stay.handed_over else ""
