"""What writers of mails are answered: that it is a ticket now, or why it is none.

Answers are marked as automatic, so that no program answers them. Whom nobody here knows is answered
at most once a day: the sender may be forged, and somebody else would get the answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core import outbox
from core.models import OutboxRow
from core.registry import Link, Message, MessageKind, Reader
from tickets.actions.attaching import ACCEPTED
from tickets.incoming.mail.letter import Letter
from tickets.models import IncomingMessage, Mailbox, Ticket

RECEIVED, LEFT, REFUSED, TOO_LARGE = (
    "mail.received", "mail.files_left", "mail.refused", "mail.too_large",
)  # fmt: skip
_ONCE_IN = dt.timedelta(days=1)


def own_addresses(mailbox: Mailbox) -> frozenset[str]:
    """The addresses we read and write from: a mail of one of them is our own."""
    read = Mailbox.objects.filter(is_active=True).values_list("address", flat=True)
    sent = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return frozenset(one.lower() for one in (*read, mailbox.address, sent) if one)


def tell_received(
    row: IncomingMessage, ticket: Ticket, person: User | None, letter: Letter, *,
    left: Sequence[str], now: dt.datetime,
) -> None:  # fmt: skip
    """The mail is a ticket now. A stranger (`person` None) is told no more than its reference."""
    params = {"ticket": ticket.pk, "title": ticket.title, "left": list(left)}
    _send(RECEIVED, row, params, person, letter.sender, ticket=ticket, now=now)


def tell_files_left(
    row: IncomingMessage, ticket: Ticket, person: User, *, left: Sequence[str], now: dt.datetime
) -> None:
    """Which files of a reply were not taken."""
    params = {"ticket": ticket.pk, "title": ticket.title, "left": list(left)}
    _send(LEFT, row, params, person, "", ticket=ticket, now=now)


def tell_too_large(row: IncomingMessage, person: User, *, now: dt.datetime) -> None:
    """The mail was too large to become anything by itself."""
    params = {"title": row.subject, "size": row.data.get("size", 0)}
    _send(TOO_LARGE, row, params, person, "", ticket=None, now=now)


def tell_refused(row: IncomingMessage, letter: Letter, *, now: dt.datetime) -> None:
    """Nobody here has the sender's address. Once a day: it may be somebody else's."""
    answered = IncomingMessage.objects.filter(
        source=row.source, sender=row.sender, received_at__gt=now - _ONCE_IN, data__answered=True
    )
    if not letter.sender or answered.exclude(pk=row.pk).exists():
        return
    row.data = {**row.data, "answered": True}
    _send(REFUSED, row, {"title": letter.subject[:200]}, None, letter.sender, ticket=None, now=now)


def _send(
    kind: str, row: IncomingMessage, params: Mapping[str, Any], person: User | None, address: str,
    *, ticket: Ticket | None, now: dt.datetime,
) -> None:  # fmt: skip
    outbox.send(
        OutboxRow.Kind.MAIL, kind, params, key=f"incoming:{row.pk}:{kind}", now=now,
        to=None if person is None else person.pk, email="" if person is not None else address,
        subject=Ticket.SUBJECT if ticket is not None else "",
        subject_id=None if ticket is None else ticket.pk, delay=dt.timedelta(0),
    )  # fmt: skip


def _left_said(params: Mapping[str, Any]) -> str:
    if not params["left"]:
        return ""
    return _(
        "These files were not taken: %(names)s. A file may have %(size)s; accepted are %(endings)s."
    ) % {
        "names": ", ".join(params["left"]),
        "size": filesizeformat(settings.ATTACHMENT_MAX_BYTES),
        "endings": ", ".join(ACCEPTED),
    }


def _link(reader: Reader, ticket_id: int) -> tuple[Link, ...]:
    if reader.user is None:
        return ()
    return (Link(_("Open in OpsDesk"), reverse("my_ticket", args=[ticket_id]), is_first=True),)


class ReceivedMail:
    """A mail became a ticket."""

    def compose(self, reader: Reader, params: Mapping[str, Any], now: dt.datetime) -> Message:
        ref = f"OPS-{params['ticket']}"
        return Message(
            title=_("%(ref)s: your mail has arrived") % {"ref": ref},
            text=_("We take care of “%(title)s”. Answer this mail to add something.")
            % {"title": params["title"]},
            subject=f"{ref} {params['title']}", links=_link(reader, params["ticket"]),
            note=_left_said(params), thread=f"ticket-{params['ticket']}",
        )  # fmt: skip


class FilesLeftMail:
    """A reply came, but not all of its files were taken."""

    def compose(self, reader: Reader, params: Mapping[str, Any], now: dt.datetime) -> Message:
        ref = f"OPS-{params['ticket']}"
        return Message(
            title=_("%(ref)s: some files were not taken") % {"ref": ref},
            text=_left_said(params), subject=f"{ref} {params['title']}",
            links=_link(reader, params["ticket"]), thread=f"ticket-{params['ticket']}",
        )  # fmt: skip


class RefusedMail:
    """Nobody here has the sender's address."""

    def compose(self, reader: Reader, params: Mapping[str, Any], now: dt.datetime) -> Message:
        return Message(
            title=_("Your mail was not taken"),
            text=_(
                "Nobody here has the address you wrote from, so “%(title)s” became no ticket. "
                "Write from your company address, or use the form."
            ) % {"title": params["title"]},
            links=(Link(_("Open the form"), reverse("submit"), is_first=True),),
        )  # fmt: skip


class TooLargeMail:
    """A mail that is kept but was not opened."""

    def compose(self, reader: Reader, params: Mapping[str, Any], now: dt.datetime) -> Message:
        return Message(
            title=_("Your mail is too large"),
            text=_(
                "“%(title)s” has %(size)s and could not be opened; %(limit)s would do. Product "
                "operations sees that it came. Send it again without its large files, or use the "
                "form."
            ) % {
                "title": params["title"], "size": filesizeformat(params["size"]),
                "limit": filesizeformat(settings.MAIL_MAX_BYTES),
            },
            links=(Link(_("Open the form"), reverse("submit"), is_first=True),),
        )  # fmt: skip


KINDS: dict[str, MessageKind] = {
    RECEIVED: ReceivedMail(), LEFT: FilesLeftMail(), REFUSED: RefusedMail(),
    TOO_LARGE: TooLargeMail(),
}  # fmt: skip
