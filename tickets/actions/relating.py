"""What ties tickets to each other: links, and one ticket split in two."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events
from core.changes import checked_text
from core.errors import BadInput, Problem
from tickets.actions.saving import save, take
from tickets.actions.submitting import DESCRIPTION_MAX, TicketDraft, submit_ticket
from tickets.errors import WrongState
from tickets.models import Ticket, TicketLink
from tickets.notifications import tell

#: What a person may say; `blocked_by` and `duplicated_by` are the same links the other way round.
LINK_KINDS: dict[str, tuple[TicketLink.Kind, bool]] = {
    "relates": (TicketLink.Kind.RELATES, True),
    "blocks": (TicketLink.Kind.BLOCKS, True),
    "blocked_by": (TicketLink.Kind.BLOCKS, False),
    "duplicate": (TicketLink.Kind.DUPLICATE, True),
    "duplicated_by": (TicketLink.Kind.DUPLICATE, False),
}


def link_tickets(
    ticket: Ticket, other: Ticket, kind: str, *, acting_user: User, now: dt.datetime
) -> TicketLink:
    """Say how two tickets stand to each other: an addition, so it never conflicts.

    `kind` is one of `LINK_KINDS`, read from `ticket` to `other`. Linking twice changes nothing.
    """
    if kind not in LINK_KINDS:
        raise BadInput(
            Problem("kind", _("This value is not one of the choices."), ", ".join(LINK_KINDS), kind)
        )
    if ticket.pk == other.pk:
        raise BadInput(
            Problem("other", _("A ticket is not linked to itself."), _("Choose another one."),
                    other.ref)
        )  # fmt: skip
    stored, is_source = LINK_KINDS[kind]
    with transaction.atomic():
        events.lock_many(Ticket, (ticket.pk, other.pk))
        row = take(ticket, "link", acting_user, None, ())
        far = take(other, "link", acting_user, None, ())
        source, target = (row, far) if is_source else (far, row)
        _require_no_circle(source, target, stored)
        link = TicketLink.objects.filter(_between(source, target, stored)).first()
        if link is not None:
            return link
        link = TicketLink.objects.create(
            source=source, target=target, kind=stored, created_by=acting_user, created_at=now
        )
        _record(row, far, "link", link, acting_user, now)
    return link


def link_between(ticket: Ticket, other: Ticket, kind: str) -> TicketLink:
    """The link of this kind from `ticket` to `other`. Raises WrongState where there is none."""
    stored, is_source = LINK_KINDS[kind]
    source, target = (ticket, other) if is_source else (other, ticket)
    link = TicketLink.objects.filter(_between(source, target, stored)).first()
    if link is None:
        raise WrongState(
            Problem("other", _("There is no such link."), _("Reload the page."), other.ref)
        )
    return link


def _between(source: Ticket, target: Ticket, kind: str) -> Q:
    """The link from one to the other; "relates" reads the same both ways."""
    there = Q(source=source, target=target, kind=kind)
    if kind != TicketLink.Kind.RELATES:
        return there
    return there | Q(source=target, target=source, kind=kind)


def _require_no_circle(source: Ticket, target: Ticket, kind: str) -> None:
    """Two tickets that block each other would wait for ever."""
    if kind != TicketLink.Kind.BLOCKS:
        return
    back = TicketLink.objects.filter(source=target, target=source, kind=kind)
    if back.exists():
        raise WrongState(
            Problem(
                "kind", _("It is blocked by that ticket already."), _("Take that link off first."),
                target.ref,
            )
        )  # fmt: skip


def unlink_tickets(
    ticket: Ticket, link: TicketLink, *, acting_user: User, now: dt.datetime
) -> Ticket:
    """Take a link off. The link of a merge goes with the merge."""
    with transaction.atomic():
        events.lock_many(Ticket, (link.source_id, link.target_id))
        row = take(ticket, "link", acting_user, None, ())
        found = TicketLink.objects.filter(pk=link.pk).select_related("source", "target").first()
        if found is None or row.pk not in (found.source_id, found.target_id):
            raise WrongState(
                Problem("link", _("The link is gone already."), _("Reload the page."), str(link.pk))
            )
        is_merge = found.kind == TicketLink.Kind.DUPLICATE
        if is_merge and found.source.merged_into_id == found.target_id:
            raise WrongState(
                Problem(
                    "link", _("These tickets are merged."), _("Take them apart instead."),
                    found.source.ref,
                )
            )  # fmt: skip
        far = found.target if row.pk == found.source_id else found.source
        _record(row, far, "unlink", found, acting_user, now)
        found.delete()
    return row


def _record(
    row: Ticket, far: Ticket, verb: str, link: TicketLink, user: User, now: dt.datetime
) -> None:
    """An event on both: each ticket's history says how it stands to the other."""
    data = {
        "source_id": link.source_id, "target_id": link.target_id, "kind": link.kind,
        # Whoever undoes an unlinking puts back the same link, not a new one.
        "made_by": link.created_by_id, "made_at": link.created_at,
    }  # fmt: skip
    save(row, verb, user=user, now=now, data=data)
    save(far, f"{verb}ed", user=user, now=now, data=data)


def split_ticket(
    ticket: Ticket,
    words: str,
    title: str = "",
    *,
    acting_user: User,
    now: dt.datetime,
) -> Ticket:
    """Make a ticket of its own out of some of the words; the requester is told once (拆单).

    The new ticket keeps requester, product and confidentiality, and is judged anew. Returns it.
    """
    words = checked_text("words", words, maximum=DESCRIPTION_MAX)
    with transaction.atomic():
        row = take(ticket, "split", acting_user, None, ())
        part = submit_ticket(
            TicketDraft(
                product=row.product, description=words, requester=row.requester, title=title,
                impact=row.impact, urgency=row.urgency, confidential=row.confidential,
            ),
            acting_user=acting_user, now=now,
        )  # fmt: skip
        link = TicketLink.objects.create(
            source=part, target=row, kind=TicketLink.Kind.SPLIT, created_by=acting_user,
            created_at=now,
        )  # fmt: skip
        event = save(
            row, "split", user=acting_user, now=now,
            data={"source_id": link.source_id, "target_id": link.target_id, "kind": link.kind},
        )  # fmt: skip
        tell(
            row, event, "split", {row.requester_id}, now=now, but=acting_user.pk, part=part.ref,
            part_title=part.title,
        )  # fmt: skip
    return part
