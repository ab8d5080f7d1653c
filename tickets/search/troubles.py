"""What keeps happening to people and training could answer: counted for `docs_portal`'s rules.

Confidential and imported tickets are not counted. What was taken back by an undo did not happen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from core.models import Event
from docs_portal.policies.troubles import Happened, Trouble
from tickets.choices import Status
from tickets.models import Cause, Decline, HandOver, Ticket


def rejected(product_id: int | None, since: dt.datetime, until: dt.datetime) -> Sequence[Happened]:
    """Tickets that were rejected and stayed so, each once, of who submitted them."""
    stayed = _counted(product_id).filter(status=Status.CANCELLED)
    return _of_requesters(stayed, "reject", since, until)


def asked(product_id: int | None, since: dt.datetime, until: dt.datetime) -> Sequence[Happened]:
    """Times somebody had to ask for what a ticket lacked, of who submitted it."""
    return _of_requesters(_counted(product_id), "ask", since, until)


def returned(product_id: int | None, since: dt.datetime, until: dt.datetime) -> Sequence[Happened]:
    """Tickets that came back to a lower level, of who had sent them up or out."""
    rows = HandOver.objects.filter(
        returned_at__gte=since, returned_at__lte=until, ticket__in=_counted(product_id)
    ).order_by("returned_at", "pk")
    return [
        Happened(sender, f"OPS-{ticket}", at)
        for sender, ticket, at in rows.values_list("sender_id", "ticket_id", "returned_at")
        if at is not None
    ]


def declined(product_id: int | None, since: dt.datetime, until: dt.datetime) -> Sequence[Happened]:
    """Causes an owner sent back, of who had pushed them last before."""
    pushes = Event.objects.filter(
        subject=Cause.SUBJECT, subject_id=OuterRef("cause_id"), verb="push",
        occurred_at__lte=OuterRef("declined_at"),
    )  # fmt: skip
    rows = Decline.objects.filter(declined_at__gte=since, declined_at__lte=until)
    if product_id is not None:
        rows = rows.filter(cause__product_id=product_id)
    rows = rows.annotate(pusher=Subquery(pushes.order_by("-version").values("actor_id")[:1]))
    rows = rows.order_by("declined_at", "pk")
    return [
        Happened(pusher, title, at)
        for pusher, title, at in rows.values_list("pusher", "cause__title", "declined_at")
        if pusher is not None
    ]


def _counted(product_id: int | None) -> QuerySet[Ticket]:
    rows = Ticket.objects.filter(confidential=False)
    return rows if product_id is None else rows.filter(product_id=product_id)


def _of_requesters(
    tickets: QuerySet[Ticket], verb: str, since: dt.datetime, until: dt.datetime
) -> list[Happened]:
    """Each event of this verb that nobody undid, of the ticket's requester (three queries)."""
    events = Event.objects.filter(
        subject=Ticket.SUBJECT, verb=verb, occurred_at__gte=since, occurred_at__lte=until,
        imported=False,
    )  # fmt: skip
    rows = list(
        events.order_by("occurred_at", "pk").values_list("subject_id", "version", "occurred_at")
    )
    found = {pk for pk, _version, _at in rows}
    requesters = dict(tickets.filter(pk__in=found).values_list("pk", "requester_id"))
    undos = Event.objects.filter(
        subject=Ticket.SUBJECT, subject_id__in=requesters, verb="undo", occurred_at__gte=since
    )
    undone = {
        (pk, version)
        for pk, data in undos.values_list("subject_id", "data")
        for version in data.get("undone", ())
    }
    return [
        Happened(requesters[pk], f"OPS-{pk}", at)
        for pk, version, at in rows
        if pk in requesters and (pk, version) not in undone
    ]


TROUBLES = (
    Trouble("ticket_rejected", _("A ticket of theirs is rejected"), rejected),
    Trouble("ticket_asked", _("A ticket of theirs lacks something and comes back"), asked),
    Trouble(
        "ticket_returned", _("A ticket they sent up or out is returned"), returned,
        about_staff=True,
    ),
    Trouble(
        "push_declined", _("A push of theirs is declined by the owner"), declined,
        about_staff=True,
    ),
)  # fmt: skip
