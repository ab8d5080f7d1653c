"""What becomes of a demand, in plain words for the people who asked for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from feedback.choices import DemandStatus, RoundState
from feedback.models import Demand, Round


@dataclass(frozen=True)
class Standing:
    """A headline, a line below, and what staff wrote for the reader."""

    title: str
    text: str
    reason: str = ""


@dataclass(frozen=True)
class Step:
    """One stair of the path of a demand (component `path`)."""

    label: str
    detail: str
    state: str


_BUILDING = (DemandStatus.SCHEDULED, DemandStatus.IN_DEVELOPMENT, DemandStatus.TESTING)
_ASKING = (DemandStatus.COLLECTED, DemandStatus.EVALUATING)


def _planned(demand: Demand) -> str:
    if demand.planned_on is None:
        return _("There is no date yet; you are told as soon as there is one.")
    return _("It is planned for %(day)s; you are told if that changes.") % {
        "day": date_format(demand.planned_on, "DATE_FORMAT")
    }


def _decided(demand: Demand) -> Standing:
    reason = demand.decision_reason
    if demand.status == DemandStatus.DECLINED:
        return Standing(
            _("It will not be done"),
            _("If the reason does not hold for you, say so: it is evaluated again."), reason,
        )  # fmt: skip
    if demand.status == DemandStatus.DEFERRED:
        day = date_format(demand.deferred_until, "DATE_FORMAT") if demand.deferred_until else "—"
        return Standing(_("Not now"), _("It is looked at again on %(day)s.") % {"day": day}, reason)
    return Standing(_("It will be done"), _planned(demand), reason)


def _running(demand: Demand) -> Standing:
    title = {
        DemandStatus.SCHEDULED: _("It has a date"),
        DemandStatus.IN_DEVELOPMENT: _("It is being built"),
        DemandStatus.TESTING: _("It is being tested"),
    }[DemandStatus(demand.status)]
    return Standing(title, _planned(demand), demand.decision_reason)


def _released(demand: Demand, question: Round | None, answered: Round | None) -> Standing:
    if question is not None:
        return Standing(
            _("Does it work now?"),
            _("It is live, and product operations tried it. You are the one who can tell."),
        )
    if answered is not None and answered.state == RoundState.CONFIRMED:
        return Standing(_("It works"), _("You said so. Thank you for the word."))
    if answered is not None and answered.state == RoundState.EXPIRED:
        return Standing(
            _("It is live"),
            _("We asked you and heard nothing; if it does not work, submit a ticket."),
        )
    if demand.verified_at is None:
        return Standing(
            _("It is live and being tried out"),
            _("As soon as product operations has seen it work, you are asked as well."),
        )
    return Standing(_("It is live"), _("Product operations has seen it work."))


def standing_of(demand: Demand, question: Round | None, answered: Round | None) -> Standing:
    """`question`: the round they have not answered; `answered`: their newest that ended."""
    if demand.status == DemandStatus.COLLECTED:
        return Standing(
            _("Your words are with product operations"),
            _("They are read together with what others say; you are told what is decided."),
        )
    if demand.status == DemandStatus.EVALUATING:
        return Standing(
            _("It is being evaluated"), _("You are told what is decided, and why."),
        )  # fmt: skip
    if demand.status in _BUILDING:
        return _running(demand)
    if demand.status == DemandStatus.MERGED:
        return Standing(
            _("It goes on together with another demand"), _("You are told there how it goes on.")
        )
    if demand.status == DemandStatus.ROLLED_BACK:
        return Standing(
            _("It was rolled back"), _("It is built again; you are told when it is live.")
        )
    if demand.status in (DemandStatus.RELEASED, DemandStatus.CLOSED):
        return _released(demand, question, answered)
    return _decided(demand)


def _day(moment: dt.datetime) -> str:
    """The day of a moment in the zone of the house."""
    return date_format(timezone.localdate(moment), "SHORT_DATE_FORMAT")


def path_of(demand: Demand) -> list[Step]:
    """Five stairs: collected, decided, scheduled, built, live."""
    status = DemandStatus(demand.status)
    decided = str(status.label) if status not in _ASKING else ""
    if status not in _ASKING and status not in (DemandStatus.DECLINED, DemandStatus.DEFERRED):
        decided = str(DemandStatus.ACCEPTED.label)
    planned = date_format(demand.planned_on, "SHORT_DATE_FORMAT") if demand.planned_on else ""
    live = _day(demand.released_at) if demand.released_at else ""
    built = (
        str(status.label) if status in (DemandStatus.IN_DEVELOPMENT, DemandStatus.TESTING) else ""
    )
    place = {
        DemandStatus.COLLECTED: 0, DemandStatus.EVALUATING: 1, DemandStatus.DECLINED: 1,
        DemandStatus.DEFERRED: 1, DemandStatus.MERGED: 1, DemandStatus.ACCEPTED: 2,
        DemandStatus.SCHEDULED: 2, DemandStatus.IN_DEVELOPMENT: 3, DemandStatus.TESTING: 3,
        DemandStatus.ROLLED_BACK: 3, DemandStatus.RELEASED: 4, DemandStatus.CLOSED: 5,
    }[status]  # fmt: skip
    labels = (
        (_("Asked"), _day(demand.created_at)),
        (_("Decided"), decided), (_("Dated"), planned), (_("Built"), built), (_("Live"), live),
    )  # fmt: skip
    return [
        Step(label, detail, "done" if n < place else "current" if n == place else "")
        for n, (label, detail) in enumerate(labels)
    ]
