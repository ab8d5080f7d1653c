"""Setting what a figure is to reach: a new version from a week on; the past stays as judged."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events
from core.changes import check_fields
from core.errors import BadInput, Conflict, NotAllowed, Problem, StaleWrite
from reports.access import may_set_targets
from reports.choices import FIGURES, Kind, kind_of
from reports.models import FigureTarget
from reports.policies.targets import TARGETED
from reports.policies.weeks import Week

#: Advisory lock: versions are counted, so one is written at a time.
_LOCK = 7_204_103
#: A target further ahead is a plan; and so long a wait or so many is none.
WEEKS_AHEAD = 26
MOST_SECONDS = 2000 * 3600
MOST_COUNT = 1_000_000


def set_target(
    figure: str,
    value: float | None,
    from_week: Week,
    *,
    acting_user: User,
    now: dt.datetime,
    note: str = "",
    seen_number: int | None = None,
) -> FigureTarget:
    """The figure is to reach `value` – a share of one, seconds, a count, or nothing – from a week
    on that is not over. Reports that are made keep what they were judged by.

    Raises NotAllowed, BadInput naming the field, and StaleWrite when there is a version the
    sender has not seen.
    """
    if not may_set_targets(acting_user):
        raise NotAllowed(
            Problem("", _("Your role does not allow this."), _("Ask an administrator."))
        )
    _check(figure, value, from_week, Week.of(now))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        newest = FigureTarget.objects.filter(figure=figure).order_by("-number").first()
        if newest is not None and seen_number is not None and seen_number != newest.number:
            conflict = Conflict(
                "number", seen_number, newest.number, newest.made_by_id, "set", newest.made_at
            )
            raise StaleWrite(conflicts=[conflict], current_version=newest.version)
        made = FigureTarget(
            figure=figure, number=newest.number + 1 if newest is not None else 1, value=value,
            from_day=from_week.first, note=note.strip(), made_by=acting_user, made_at=now,
        )  # fmt: skip
        check_fields(made, FigureTarget.EVENT_FIELDS)
        events.create(made, "set", actor_id=acting_user.pk, now=now)
    return made


def _check(figure: str, value: float | None, week: Week, this_week: Week) -> None:
    if figure not in TARGETED:
        raise BadInput(
            Problem(
                "figure", _("There is no target for this figure."), _("Choose one of the list."),
                figure,
            )
        )  # fmt: skip
    if week.first < this_week.first:
        raise BadInput(
            Problem(
                "from_week", _("This week is over: its report is judged by what held then."),
                _("Choose this week or a later one."), week.name,
            )
        )  # fmt: skip
    if week.first > this_week.shift(WEEKS_AHEAD).first:
        raise BadInput(
            Problem(
                "from_week", _("That is too far ahead."),
                _("Choose a week of the next half year."), week.name,
            )
        )  # fmt: skip
    if value is not None:
        _check_value(figure, value)


def _check_value(figure: str, value: float) -> None:
    kind = kind_of(figure)
    if kind == Kind.SHARE:
        # Everybody is below 100 % at most and above 0 % at least: neither would ask for anything.
        fits = 0 < value <= 1 if FIGURES[figure].good == "up" else 0 <= value < 1
        remedy = _("Write percent, like 95.")
    elif kind == Kind.TIME:
        fits = 0 < value <= MOST_SECONDS
        remedy = _("Write working hours, like 4 or 0.5.")
    else:
        fits = 0 <= value <= MOST_COUNT and value == int(value)
        remedy = _("Write a whole number, like 5.")
    if not fits:
        raise BadInput(Problem("value", _("This cannot be reached."), remedy, f"{value:g}"))
