"""Which ticket a mail answers, and whether its writer may."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from core.channels.mail import message_id
from core.channels.references import threads_in
from core.models import OutboxRow
from tickets.choices import CommentKind
from tickets.incoming.mail.letter import Letter
from tickets.models import IncomingMessage, Mailbox, Ticket
from tickets.policies import Who, stands_as

#: A reference as people write it. Anybody can: it counts for one's own ticket only.
_WRITTEN = re.compile(r"(?<![A-Za-z0-9])OPS-([1-9][0-9]{0,15})(?![0-9])", re.IGNORECASE)
_WORKERS = frozenset({Who.AGENT, Who.MANAGER, Who.OUTSIDE, Who.OWNER, Who.HELPER})
_OWN_ROWS = 200


@dataclass(frozen=True)
class Answered:
    """The ticket a mail answers. `is_theirs`: its writer sees it and may write there."""

    ticket: Ticket
    is_theirs: bool


def answered_by(letter: Letter, mailbox: Mailbox, person: User) -> Answered | None:
    """The ticket that `letter` answers, by its true references; None when it begins something.

    A reference alone opens nothing: the writer must see the ticket. Where a mail refers to several,
    the nearest one that its writer sees is taken.
    """
    tickets = _referred(letter, mailbox)
    seen = Ticket.objects.visible_to(person).in_bulk([ticket.pk for ticket in tickets])
    for ticket in tickets:
        if ticket.pk in seen:
            return Answered(ticket, is_theirs=True)
    own = _WRITTEN.search(letter.subject)
    if own is not None:
        mine = Ticket.objects.filter(requester=person, pk=int(own.group(1))).first()
        if mine is not None:
            return Answered(mine, is_theirs=True)
    return Answered(tickets[0], is_theirs=False) if tickets else None


def _referred(letter: Letter, mailbox: Mailbox) -> list[Ticket]:
    """Tickets by reference: of our own mails, then of the mail that began the ticket."""
    said = " ".join([*letter.answers, *letter.to, letter.subject])
    named = [int(t.removeprefix("ticket-")) for t in threads_in(said) if t.startswith("ticket-")]
    kept = _begun_by(letter.answers, mailbox)
    wanted = list(dict.fromkeys([*named, *kept]))
    found = Ticket.objects.select_related("product", "department", "cause").in_bulk(wanted)
    return [found[pk] for pk in wanted if pk in found]


def _begun_by(ids: Iterable[str], mailbox: Mailbox) -> list[int]:
    """Tickets that came of one of these mails, the nearest first."""
    wanted = [one[:255] for one in ids][:50]
    if not wanted:
        return []
    rows = IncomingMessage.objects.filter(
        source=mailbox.source, thread__in=wanted, ticket__isnull=False
    ).values_list("thread", "ticket_id")
    found = dict(rows)
    return [pk for one in wanted if (pk := found.get(one)) is not None]


def kind_of_answer(letter: Letter, ticket: Ticket, person: User) -> str:
    """Whether an answer is a public reply or an internal note.

    Who follows a ticket writes in public. Who works on it does so when they answer a mail about
    words that were public; any other answer of theirs stays inside, so that nothing meant for
    colleagues reaches the requester by a slip.
    """
    standing = stands_as(ticket, person)
    if not standing & _WORKERS or Who.REQUESTER in standing:
        return CommentKind.PUBLIC
    rows = OutboxRow.objects.filter(
        kind=OutboxRow.Kind.MAIL, payload__subject=Ticket.SUBJECT, payload__subject_id=ticket.pk
    ).order_by("-id")[:_OWN_ROWS]
    answers = set(letter.answers)
    for row in rows:
        if message_id(row.key, f"ticket-{ticket.pk}") in answers:
            public = row.name == "ticket.reply" or (
                row.name == "ticket.mentioned" and not row.payload["params"].get("in_note")
            )
            return CommentKind.PUBLIC if public else CommentKind.NOTE
    return CommentKind.NOTE
