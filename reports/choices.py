"""The figures of a report: what each is called, how it follows from its rows, which way is good."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tickets.policies.self_service import ENOUGH_SESSIONS

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

#: Changes whenever a figure is counted otherwise than before; printed on every report (口径版本).
DEFINITION_VERSION = "3"
#: How long a resolution or a move has to prove itself: a period's cohort lies that far back.
PROOF_DAYS = 14
#: A cause that comes back within this many days of its fix was not fixed.
RECURRENCE_DAYS = 90
#: Days after a workaround in which the cause has to be fixed.
SYMPTOM_DAYS = 30
#: Below this many rows a figure is marked thin and not compared.
THIN = 20


class PeriodKind(models.TextChoices):
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")


class ActionState(models.TextChoices):
    OPEN = "open", pgettext_lazy("agreed action", "Open")
    DONE = "done", pgettext_lazy("agreed action", "Done")
    DROPPED = "dropped", pgettext_lazy("agreed action", "Dropped")


class DeliveryState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("delivery", "On its way")
    DONE = "done", pgettext_lazy("delivery", "Delivered")
    FAILED = "failed", pgettext_lazy("delivery", "Failed")
    SKIPPED = "skipped", pgettext_lazy("delivery", "Not sent")


class Figure(models.TextChoices):
    """Counts that add up over days; the last four keep the backlog's identity in breakdowns."""

    CREATED = "created", pgettext_lazy("figure", "Created")
    RESOLVED = "resolved", pgettext_lazy("figure", "Resolved")
    REOPENED = "reopened", pgettext_lazy("figure", "Reopened")
    CANCELLED = "cancelled", pgettext_lazy("figure", "Cancelled")
    RESTORED = "restored", pgettext_lazy("figure", "Restored")
    CLOSED = "closed", pgettext_lazy("figure", "Closed")
    CANCELLED_UNRESOLVED = (
        "cancelled_unresolved",
        pgettext_lazy("figure", "Cancelled while unresolved"),
    )
    RESTORED_UNRESOLVED = "restored_unresolved", pgettext_lazy("figure", "Restored to unresolved")
    MOVED_IN = "moved_in", pgettext_lazy("figure", "Reclassified into")
    MOVED_OUT = "moved_out", pgettext_lazy("figure", "Reclassified out of")


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
    """`good`: "up" or "down" where one way is better. `cohort`: days the rows lie back, for their
    window to be over: fourteen are the week before last. `enough`: rows below which it is not
    told at all."""

    label: StrPromise
    kind: Kind = Kind.COUNT
    good: str = ""
    cohort: int = 0
    enough: int = 0


FIGURES: dict[str, FigureMeta] = {
    "volume": FigureMeta(pgettext_lazy("figure", "Volume")),
    "created": FigureMeta(pgettext_lazy("figure", "Created")),
    "resolved": FigureMeta(pgettext_lazy("figure", "Resolved")),
    "closed": FigureMeta(pgettext_lazy("figure", "Closed")),
    "confirmed": FigureMeta(pgettext_lazy("figure", "Confirmed by the requester"), good="up"),
    "auto_confirmed": FigureMeta(pgettext_lazy("figure", "Closed by silence")),
    "cancelled": FigureMeta(pgettext_lazy("figure", "Cancelled")),
    "cancelled_unresolved": FigureMeta(pgettext_lazy("figure", "Cancelled while unresolved")),
    "reopened": FigureMeta(pgettext_lazy("figure", "Reopened"), good="down"),
    "restored": FigureMeta(pgettext_lazy("figure", "Restored")),
    "restored_unresolved": FigureMeta(pgettext_lazy("figure", "Restored to unresolved")),
    "moved_in": FigureMeta(pgettext_lazy("figure", "Reclassified into")),
    "moved_out": FigureMeta(pgettext_lazy("figure", "Reclassified out of")),
    "unresolved_at_start": FigureMeta(pgettext_lazy("figure", "Unresolved at the start")),
    "unresolved_at_end": FigureMeta(pgettext_lazy("figure", "Unresolved"), good="down"),
    "open_at_end": FigureMeta(pgettext_lazy("figure", "Not closed at the end")),
    "over_7_days": FigureMeta(pgettext_lazy("figure", "Unresolved for over 7 days"), good="down"),
    "waiting_for_demand": FigureMeta(pgettext_lazy("figure", "Waiting for a demand")),
    "level_1": FigureMeta(pgettext_lazy("figure", "Resolved on level 1")),
    "level_2": FigureMeta(pgettext_lazy("figure", "Resolved on level 2")),
    "level_3": FigureMeta(pgettext_lazy("figure", "Resolved on level 3")),
    "level_4": FigureMeta(pgettext_lazy("figure", "Resolved on level 4")),
    "unlevelled": FigureMeta(pgettext_lazy("figure", "Resolved without level")),
    "research": FigureMeta(pgettext_lazy("figure", "Cited by research")),
    "relay_only": FigureMeta(pgettext_lazy("figure", "Relay only"), Kind.SHARE, "down"),
    "non_technical_relay": FigureMeta(
        pgettext_lazy("figure", "Non-technical relay"), Kind.SHARE, "down"
    ),
    "self_service": FigureMeta(
        pgettext_lazy("figure", "Self-service"),
        Kind.SHARE,
        "up",
        cohort=PROOF_DAYS,
        enough=ENOUGH_SESSIONS,
    ),
    "bounces": FigureMeta(pgettext_lazy("figure", "Bounces"), good="down"),
    "pushed": FigureMeta(pgettext_lazy("figure", "Causes pushed")),
    "push_overdue": FigureMeta(
        pgettext_lazy("figure", "Causes past their agreed date"), good="down"
    ),
    "declined": FigureMeta(pgettext_lazy("figure", "Declined or returned"), good="down"),
    "first_response": FigureMeta(pgettext_lazy("figure", "First response P50"), Kind.TIME, "down"),
    "first_response_wall": FigureMeta(
        pgettext_lazy("figure", "First response, wall clock"), Kind.TIME, "down"
    ),
    "resolution": FigureMeta(pgettext_lazy("figure", "Resolution time P50"), Kind.TIME, "down"),
    "resolution_wall": FigureMeta(
        pgettext_lazy("figure", "Resolution time, wall clock"), Kind.TIME, "down"
    ),
    "response_on_time": FigureMeta(pgettext_lazy("figure", "Responded on time"), Kind.SHARE, "up"),
    "resolution_on_time": FigureMeta(pgettext_lazy("figure", "Resolved on time"), Kind.SHARE, "up"),
    "solved_first_time": FigureMeta(
        pgettext_lazy("figure", "Solved first time"), Kind.SHARE, "up", cohort=PROOF_DAYS
    ),
    "routed_first_time": FigureMeta(
        pgettext_lazy("figure", "Routed right first time"), Kind.SHARE, "up", cohort=PROOF_DAYS
    ),
    "first_judgement": FigureMeta(pgettext_lazy("figure", "First judgement"), Kind.SHARE, "up"),
    "decline_rate": FigureMeta(pgettext_lazy("figure", "Decline rate"), Kind.SHARE, "down"),
    "recurrence": FigureMeta(
        pgettext_lazy("figure", "Recurrence"), Kind.SHARE, "down", cohort=RECURRENCE_DAYS
    ),
    "symptom_only": FigureMeta(
        pgettext_lazy("figure", "Symptom only"), Kind.SHARE, "down", cohort=SYMPTOM_DAYS
    ),
    "satisfaction": FigureMeta(pgettext_lazy("figure", "Satisfaction"), Kind.SHARE, "up"),
    "rating_response": FigureMeta(pgettext_lazy("figure", "Rated"), Kind.SHARE),
    "owner_on_time": FigureMeta(pgettext_lazy("figure", "Owner on time"), Kind.SHARE, "up"),
    "demands_new": FigureMeta(pgettext_lazy("figure", "New demands")),
    "demands_accepted": FigureMeta(pgettext_lazy("figure", "Demands accepted")),
    "demands_declined": FigureMeta(pgettext_lazy("figure", "Demands declined")),
    "demands_released": FigureMeta(pgettext_lazy("figure", "Demands released")),
    "demands_overdue": FigureMeta(pgettext_lazy("figure", "Demands overdue"), good="down"),
    "demands_silent": FigureMeta(
        pgettext_lazy("figure", "Demands without word for 30 days"), good="down"
    ),
    "told": FigureMeta(pgettext_lazy("figure", "People told")),
    "told_rate": FigureMeta(pgettext_lazy("figure", "Told"), Kind.SHARE, "up", cohort=PROOF_DAYS),
    "round_confirmed": FigureMeta(pgettext_lazy("figure", "Confirmed that it works")),
    "round_not_solved": FigureMeta(pgettext_lazy("figure", "Not solved"), good="down"),
    "confirmed_rate": FigureMeta(pgettext_lazy("figure", "Confirmed"), Kind.SHARE, "up"),
    "announced": FigureMeta(
        pgettext_lazy("figure", "Reached by announcements"), Kind.SHARE, "up", cohort=PROOF_DAYS
    ),
}
#: What a house that has set no targets holds its figures against.
FIRST_TARGETS = {
    "response_on_time": 0.95, "resolution_on_time": 0.9, "solved_first_time": 0.85,
    "owner_on_time": 0.9, "told_rate": 0.95,
}  # fmt: skip
#: Stocks at the end of a period; their rows' seconds are how long it has been, wall clock.
AGES = frozenset(
    {"unresolved_at_end", "over_7_days", "waiting_for_demand", "push_overdue", "demands_overdue"}
)

STEP_PREFIX = "step_"
CAUSE_PREFIX = "cause_"
#: Resolutions with a level by the team that handled the ticket: the ladder of each team.
TEAM_PREFIX = "team_"


#: What speaks for one item of manual debt, by the item's token; its rows say by which source.
DEBT_PREFIX = "debt_"
#: Every name of a figure that is not in `FIGURES` begins with one of these.
PREFIXES = (STEP_PREFIX, CAUSE_PREFIX, TEAM_PREFIX, DEBT_PREFIX)

#: Counts of what is there at the end, whatever the length of the period.
STOCKS = AGES | {"demands_silent"}


def kind_of(figure: str) -> Kind:
    """The kind of any figure's key; steps, causes, teams and debts have one key each."""
    if figure.startswith(STEP_PREFIX):
        return Kind.STEP
    if figure.startswith((CAUSE_PREFIX, TEAM_PREFIX, DEBT_PREFIX)):
        return Kind.COUNT
    return FIGURES[figure].kind
