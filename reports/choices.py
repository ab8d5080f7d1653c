"""The figures of a report: what each is called, how it follows from its rows, which way is good."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

#: Changes whenever a figure is counted otherwise than before; printed on every report (口径版本).
DEFINITION_VERSION = "1"
#: Below this many rows a figure is marked thin and not compared.
THIN = 20


class PeriodKind(models.TextChoices):
    WEEK = "week", _("Week")


class Figure(models.TextChoices):
    """Counts that add up over days; the last four keep the backlog's identity in breakdowns."""

    CREATED = "created", _("Created")
    RESOLVED = "resolved", _("Resolved")
    REOPENED = "reopened", _("Reopened")
    CANCELLED = "cancelled", _("Cancelled")
    RESTORED = "restored", _("Restored")
    CLOSED = "closed", _("Closed")
    CANCELLED_UNRESOLVED = "cancelled_unresolved", _("Cancelled while unresolved")
    RESTORED_UNRESOLVED = "restored_unresolved", _("Restored to unresolved")
    MOVED_IN = "moved_in", _("Reclassified into")
    MOVED_OUT = "moved_out", _("Reclassified out of")


#: What each of them does to the number of unresolved tickets (domain.md, invariant 11).
BACKLOG_SIGN: dict[str, int] = {
    Figure.CREATED: 1,
    Figure.REOPENED: 1,
    Figure.RESTORED_UNRESOLVED: 1,
    Figure.MOVED_IN: 1,
    Figure.RESOLVED: -1,
    Figure.CANCELLED_UNRESOLVED: -1,
    Figure.MOVED_OUT: -1,
}


class Kind(enum.Enum):
    """How a figure's value follows from its rows."""

    COUNT = "count"  #: as many as there are rows
    SHARE = "share"  #: rows with amount 1, of all rows
    TIME = "time"  #: the median of the rows' seconds
    STEP = "step"  #: the sum of the rows' seconds


@dataclass(frozen=True)
class FigureMeta:
    """`good`: "up" or "down" where one way is better. `cohort`: rows of the week before last,
    whose fourteen days are over."""

    label: StrPromise
    kind: Kind = Kind.COUNT
    good: str = ""
    cohort: bool = False


FIGURES: dict[str, FigureMeta] = {
    "volume": FigureMeta(_("Volume")),
    "created": FigureMeta(_("Created")),
    "resolved": FigureMeta(_("Resolved")),
    "closed": FigureMeta(_("Closed")),
    "confirmed": FigureMeta(_("Confirmed by the requester"), good="up"),
    "auto_confirmed": FigureMeta(_("Closed by silence")),
    "cancelled": FigureMeta(_("Cancelled")),
    "cancelled_unresolved": FigureMeta(_("Cancelled while unresolved")),
    "reopened": FigureMeta(_("Reopened"), good="down"),
    "restored": FigureMeta(_("Restored")),
    "restored_unresolved": FigureMeta(_("Restored to unresolved")),
    "moved_in": FigureMeta(_("Reclassified into")),
    "moved_out": FigureMeta(_("Reclassified out of")),
    "unresolved_at_start": FigureMeta(_("Unresolved at the start")),
    "unresolved_at_end": FigureMeta(_("Unresolved"), good="down"),
    "open_at_end": FigureMeta(_("Not closed at the end")),
    "over_7_days": FigureMeta(_("Unresolved for over 7 days"), good="down"),
    "waiting_for_demand": FigureMeta(_("Waiting for a demand")),
    "level_1": FigureMeta(_("Resolved on level 1")),
    "level_2": FigureMeta(_("Resolved on level 2")),
    "level_3": FigureMeta(_("Resolved on level 3")),
    "level_4": FigureMeta(_("Resolved on level 4")),
    "unlevelled": FigureMeta(_("Resolved without level")),
    "research": FigureMeta(_("Cited by research")),
    "relay_only": FigureMeta(_("Relay only"), Kind.SHARE, "down"),
    "non_technical_relay": FigureMeta(_("Non-technical relay"), Kind.SHARE, "down"),
    "bounces": FigureMeta(_("Bounces"), good="down"),
    "declined": FigureMeta(_("Declined or returned"), good="down"),
    "first_response": FigureMeta(_("First response"), Kind.TIME, "down"),
    "first_response_wall": FigureMeta(_("First response, wall clock"), Kind.TIME, "down"),
    "resolution": FigureMeta(_("Resolution time"), Kind.TIME, "down"),
    "resolution_wall": FigureMeta(_("Resolution time, wall clock"), Kind.TIME, "down"),
    "response_on_time": FigureMeta(_("Responded on time"), Kind.SHARE, "up"),
    "resolution_on_time": FigureMeta(_("Resolved on time"), Kind.SHARE, "up"),
    "solved_first_time": FigureMeta(_("Solved first time"), Kind.SHARE, "up", cohort=True),
    "routed_first_time": FigureMeta(_("Routed right first time"), Kind.SHARE, "up", cohort=True),
    "owner_on_time": FigureMeta(_("Owner on time"), Kind.SHARE, "up"),
    "demands_new": FigureMeta(_("New demands")),
    "demands_accepted": FigureMeta(_("Demands accepted")),
    "demands_declined": FigureMeta(_("Demands declined")),
    "demands_released": FigureMeta(_("Demands released")),
    "told": FigureMeta(_("People told")),
    "told_rate": FigureMeta(_("Told"), Kind.SHARE, "up", cohort=True),
    "round_confirmed": FigureMeta(_("Confirmed that it works")),
    "round_not_solved": FigureMeta(_("Not solved"), good="down"),
    "confirmed_rate": FigureMeta(_("Confirmed"), Kind.SHARE, "up"),
}

STEP_PREFIX = "step_"
CAUSE_PREFIX = "cause_"


def kind_of(figure: str) -> Kind:
    """The kind of any figure's key; steps and causes have one key per step or cause."""
    if figure.startswith(STEP_PREFIX):
        return Kind.STEP
    if figure.startswith(CAUSE_PREFIX):
        return Kind.COUNT
    return FIGURES[figure].kind
