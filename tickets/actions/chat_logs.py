"""Tickets from a chat log that an agent pasted: on behalf of the persons who wrote it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from catalog.models import Module, Product
from core import files as stored_files
from core.errors import BadInput, NotAllowed, Problem
from core.models import StoredFile
from core.origin import brought_about
from tickets.actions.conversing import add_watcher
from tickets.actions.submitting import TicketDraft, submit_ticket
from tickets.choices import Channel, IncomingState
from tickets.models import ChatPerson, IncomingMessage, Ticket

#: Tickets made of one log.
MOST_TICKETS = 50


@dataclass(frozen=True)
class ChatWords:
    """One message that goes into a ticket; `message_id` is the same when it is pasted again."""

    message_id: str
    name: str
    said_at: dt.datetime | None
    text: str


@dataclass(frozen=True)
class ChatTicket:
    """One ticket of a log: whose, of what, from which messages.

    `field` is how its refusals are named on the page. `others` wrote some of it too and watch it.
    """

    requester: User
    product: Product
    description: str
    words: Sequence[ChatWords]
    module: Module | None = None
    title: str = ""
    others: Sequence[User] = ()
    field: str = ""


@dataclass(frozen=True)
class ChatLog:
    """A pasted log: its whole text as evidence, the tickets, and whom its names mean."""

    text: str
    tickets: Sequence[ChatTicket]
    chosen: Sequence[tuple[str, User]] = field(default_factory=tuple)


def take_in_chat_log(
    log: ChatLog, *, source: str, acting_user: User, now: dt.datetime
) -> list[Ticket]:
    """Submit the tickets of a log on behalf of its writers; all of them or none.

    Each message is kept with its original time and the whole log as it was pasted. What was made a
    ticket before is refused by name. Raises BadInput, NotAllowed.
    """
    if not rights_of(acting_user).has(PermissionRole.AGENT):
        raise NotAllowed(
            Problem("log", _("You may submit only for yourself."),
                    _("Ask product operations to submit for a colleague."))
        )  # fmt: skip
    _check_log(log)
    try:
        with transaction.atomic():
            raw = stored_files.store(ContentFile(log.text.encode(), "chat.txt"), now=now)
            tickets = [
                _submit(one, raw, source, acting_user=acting_user, now=now) for one in log.tickets
            ]
            _remember(log.chosen, source, acting_user, now)
    except IntegrityError as error:
        raise BadInput(
            Problem("log", _("Somebody made a ticket of one of these messages at this moment."),
                    _("Paste the log again to see which."))
        ) from error  # fmt: skip
    return tickets


def _check_log(log: ChatLog) -> None:
    if not log.tickets:
        raise BadInput(
            Problem("log", _("No message is ticked."), _("Tick the messages that make a ticket."))
        )
    if len(log.tickets) > MOST_TICKETS:
        raise BadInput(
            Problem("log", _("These are too many tickets at once."),
                    _("Make at most %(count)s of one log.") % {"count": MOST_TICKETS},
                    str(len(log.tickets)))
        )  # fmt: skip
    problems = [
        Problem(one.field, _("%(name)s has no working account.") % {"name": one.requester.name},
                _("Choose somebody who can sign in."), one.requester.username)
        for one in log.tickets
        if not one.requester.may_sign_in
    ]  # fmt: skip
    if problems:
        raise BadInput(*problems)


def _submit(
    one: ChatTicket, raw: StoredFile, source: str, *, acting_user: User, now: dt.datetime
) -> Ticket:
    draft = TicketDraft(
        product=one.product, module=one.module, description=one.description, title=one.title,
        requester=one.requester, channel=Channel.CHAT,
    )  # fmt: skip
    said = [words.said_at for words in one.words if words.said_at is not None]
    with brought_about(chat=_origin(one.words, min(said) if said else None)):
        ticket = submit_ticket(draft, acting_user=acting_user, now=now)
    for other in one.others:
        if other.pk != one.requester.pk:
            add_watcher(ticket, other, acting_user=acting_user, now=now)
    IncomingMessage.objects.bulk_create(
        IncomingMessage(
            channel=Channel.CHAT, source=source, message_id=words.message_id,
            sender=words.name[:254], sender_name=words.name[:120], said_at=words.said_at,
            received_at=now, done_at=now, raw=raw, state=IncomingState.DONE,
            person=one.requester, brought_by=acting_user, ticket=ticket,
            data={"text": words.text},
        )
        for words in one.words
    )  # fmt: skip
    return ticket


def _origin(words: Sequence[ChatWords], said_at: dt.datetime | None) -> dict[str, object]:
    """What the event of the submission keeps: the original time, and how many messages."""
    return {
        "said_at": None if said_at is None else said_at.astimezone(dt.UTC).isoformat(),
        "messages": len(words),
    }


def _remember(
    chosen: Iterable[tuple[str, User]], source: str, acting_user: User, now: dt.datetime
) -> None:
    """Whom a name meant this time, it means the next time too, until somebody chooses anew."""
    for name, person in chosen:
        ChatPerson.objects.update_or_create(
            source=source, name=name[:120],
            defaults={"person": person, "learnt_from": acting_user, "learnt_at": now},
        )  # fmt: skip
