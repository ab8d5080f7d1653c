"""Known issues: everybody reads the workaround, and who has a ticket of it is told at once."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events, outbox
from core.errors import BadInput, Problem
from core.text import excerpt
from tickets.actions.cause_beats import require_staff, take_cause
from tickets.actions.voices import tell_voices
from tickets.choices import UNRESOLVED
from tickets.models import Cause, Ticket

#: The job that tells everybody; a cause may have hundreds of tickets.
TELL_ALL = "tickets.tell_known_issue"


def declare_known_issue(
    cause: Cause,
    workaround: str,
    *,
    is_known_issue: bool = True,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Cause:
    """Show the cause to everybody as a known issue, with what to do until it is fixed.

    The requesters of its open tickets are told: once, and once more when the workaround changes.
    """
    workaround = workaround.strip()
    with transaction.atomic():
        row = take_cause(cause, seen_version, {"is_known_issue", "workaround"})
        require_staff(row.product_id, acting_user)
        if is_known_issue and not workaround:
            raise BadInput(
                Problem(
                    "workaround", _("A known issue says what people can do meanwhile."),
                    _("Write the workaround, or that there is none yet."),
                )
            )  # fmt: skip
        event = events.change(
            row, "known_issue", actor_id=acting_user.pk, now=now,
            fields={"is_known_issue": is_known_issue, "workaround": workaround},
        )  # fmt: skip
        if is_known_issue and event.changes:
            outbox.job(
                TELL_ALL, {"cause_id": row.pk}, key=f"known:{row.pk}:{event.version}", now=now
            )
    return row


def tell_everybody(cause: Cause, *, now: dt.datetime) -> None:
    """Tell the requester of every open ticket of the cause; who was told these words is not."""
    for ticket in Ticket.objects.filter(cause=cause, status__in=UNRESOLVED).order_by("pk"):
        tell_requester(cause, ticket, now=now)
    tell_voices(cause, now=now, workaround=excerpt(cause.workaround, 300))


def tell_requester(cause: Cause, ticket: Ticket, *, now: dt.datetime) -> None:
    """Tell one requester the workaround of their ticket's cause: each wording once a person."""
    if not cause.is_known_issue or not cause.workaround or ticket.imported:
        return
    words = hashlib.sha256(cause.workaround.encode()).hexdigest()[:12]
    outbox.notify(
        ticket.requester_id,
        "cause.known_issue",
        {
            "ref": cause.ref,
            "title": cause.title,
            "ticket": ticket.pk,
            "ticket_ref": ticket.ref,
            "workaround": excerpt(cause.workaround, 300),
        },
        key=f"known:{cause.pk}:{words}",
        now=now,
        subject=Cause.SUBJECT,
        subject_id=cause.pk,
    )
