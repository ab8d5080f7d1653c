"""What becomes of one kept mail: a ticket, a reply, or why neither.

Everything that is made of a mail, and the mark that it was made, are one transaction: whenever the
worker dies, the mail is either as it was or done. What cannot be handled stays, with the reason.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.channels.reachability import mark_unreachable
from core.errors import Refused
from core.files import open_stored
from tickets.choices import IncomingState, Strangers
from tickets.incoming.mail.automatic import why_a_loop, why_automatic
from tickets.incoming.mail.bounces import bounce_in
from tickets.incoming.mail.confirming import why_unconfirmed
from tickets.incoming.mail.errors import Unhandled
from tickets.incoming.mail.letter import Letter, read_letter
from tickets.incoming.mail.making import Made, make_of
from tickets.incoming.mail.saying import own_addresses, tell_refused, tell_too_large
from tickets.incoming.people import Outcome, Policy, Sender, by_mail, by_person
from tickets.incoming.reasons import because, refusal_said
from tickets.models import IncomingMessage, Mailbox

logger = logging.getLogger(__name__)

#: The name of the job, as the outbox and the registry know it.
HANDLE = "tickets.handle_mail"
#: Mails of one sender within an hour; more wait for an agent: two programs may be answering
#: each other.
HOURLY_OF_ONE = 30
#: Of a mail that is too large to be opened, as much as its headers may take.
_HEAD = 256 * 1024
_PK = re.compile(r"^mailbox:(\d+)$")


def handle_mail(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """The job of one kept mail; once it was handled it does nothing."""
    row = IncomingMessage.objects.select_related("raw").get(pk=payload["message_id"])
    if row.state != IncomingState.RECEIVED:
        return
    # What is kept is read by all of the house: reasons are written in its language.
    with translation.override(settings.LANGUAGE_CODE):
        try:
            _handle(row, now)
        except (OperationalError, InterfaceError):
            raise  # the database was away: the outbox tries again
        except Exception as error:
            logger.exception("incoming mail %s could not be handled", row.pk)
            _fail(row.pk, f"{type(error).__name__}: {error}", now)


def _handle(row: IncomingMessage, now: dt.datetime) -> None:
    mailbox = mailbox_of(row)
    letter = _read(row)
    with transaction.atomic():
        row = IncomingMessage.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if row.state != IncomingState.RECEIVED:
            return
        try:
            # In a savepoint: what is refused half-way leaves nothing but its reason.
            with transaction.atomic():
                made = _decided(letter, mailbox, row, now)
        except Refused as refusal:
            _close(row, IncomingState.FAILED, refusal_said(refusal), now)
            return
        if isinstance(made, Unhandled):
            _close(row, made.state, partial(str, made.reason), now)
        else:
            _done(row, made, now)


def _decided(
    letter: Letter, mailbox: Mailbox, row: IncomingMessage, now: dt.datetime
) -> Made | Unhandled:
    """What is made of a mail, or why nothing is; what was answered with the reason stays."""
    try:
        return _decide(letter, mailbox, row, now)
    except Unhandled as reason:
        return reason


def _read(row: IncomingMessage) -> Letter:
    if row.raw is None:
        raise ValueError("the mail itself was not kept")
    with open_stored(row.raw) as file:
        if row.data.get("too_large"):
            return read_letter(file.read(_HEAD), content=False)
        return read_letter(file.read())


def _decide(letter: Letter, mailbox: Mailbox, row: IncomingMessage, now: dt.datetime) -> Made:
    """What is made of a mail. Raises `Unhandled` with the reason, or what the actions refuse."""
    chosen = row.person if row.data.get("chosen") else None
    if chosen is None:
        _stop_programs(letter, mailbox, row, now)
    sender = _sender(letter, mailbox, chosen)
    if row.data.get("too_large"):
        if sender.outcome == Outcome.TAKE and sender.person is not None and chosen is None:
            tell_too_large(row, sender.person, now=now)
        raise Unhandled(IncomingState.FAILED, _("The mail is too large to be opened."))
    if sender.person is None:
        if sender.outcome == Outcome.REFUSE:
            tell_refused(row, letter, now=now)
            raise Unhandled(IncomingState.SKIPPED, sender.reason)
        raise Unhandled(IncomingState.HELD, sender.reason)
    if letter.content.is_sealed:
        raise Unhandled(IncomingState.HELD, _("The mail is encrypted; nobody here can open it."))
    return make_of(
        letter, mailbox, row, sender.person,
        for_stranger=sender.outcome == Outcome.STAND_IN, now=now,
    )  # fmt: skip


def _stop_programs(
    letter: Letter, mailbox: Mailbox, row: IncomingMessage, now: dt.datetime
) -> None:
    """Bounces, loops, automatic mails, floods, senders that nobody vouches for."""
    bounce = bounce_in(letter)
    if bounce is not None:
        if bounce.is_permanent:
            mark_unreachable(bounce.address, bounce.said, now=now)
        said = {"address": bounce.address, "said": bounce.said}
        raise Unhandled(
            IncomingState.SKIPPED, _("A mail to %(address)s did not arrive: %(said)s") % said
        )
    if reason := why_a_loop(letter, own_addresses(mailbox)) or why_automatic(letter):
        raise Unhandled(IncomingState.SKIPPED, reason)
    if not letter.sender:
        raise Unhandled(IncomingState.HELD, _("The mail names no sender."))
    if _too_many(row, now):
        raise Unhandled(IncomingState.HELD, _("This sender wrote too many mails within an hour."))
    if reason := why_unconfirmed(letter, mailbox):
        raise Unhandled(IncomingState.HELD, reason)


def _too_many(row: IncomingMessage, now: dt.datetime) -> bool:
    earlier = IncomingMessage.objects.filter(
        source=row.source, sender=row.sender, received_at__gt=now - dt.timedelta(hours=1)
    ).exclude(pk=row.pk)
    return earlier.exclude(state=IncomingState.RECEIVED).count() >= HOURLY_OF_ONE


def _sender(letter: Letter, mailbox: Mailbox, chosen: User | None) -> Sender:
    policy = Policy(mailbox.strangers, mailbox.stand_in)
    if chosen is None:
        return by_mail(letter.sender, policy)
    # Somebody of the desk said whose words these are.
    return by_person(chosen, Policy(Strangers.HOLD))


def mailbox_of(row: IncomingMessage) -> Mailbox:
    found = _PK.match(row.source)
    return Mailbox.objects.select_related("product", "stand_in").get(
        pk=int(found.group(1)) if found else 0
    )


def _done(row: IncomingMessage, made: Made, now: dt.datetime) -> None:
    row.ticket, row.comment, row.person = made.ticket, made.comment, made.person
    row.data = {**row.data, **made.kept}
    _close(row, IncomingState.DONE, str, now)


def _close(
    row: IncomingMessage, state: IncomingState, reason: Callable[[], str], now: dt.datetime
) -> None:
    row.state, row.attempts = state, row.attempts + 1
    for name, value in because(row.data, reason).items():
        setattr(row, name, value)
    row.done_at = now if state in (IncomingState.DONE, IncomingState.SKIPPED) else None
    row.save()


def _fail(pk: int, said: str, now: dt.datetime) -> None:
    with transaction.atomic():
        row = IncomingMessage.objects.select_for_update(of=("self",)).get(pk=pk)
        if row.state == IncomingState.RECEIVED:
            _close(row, IncomingState.FAILED, lambda: said, now)
