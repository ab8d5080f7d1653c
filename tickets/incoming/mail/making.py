"""A person's mail becomes a reply to their ticket, or a ticket."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import BadInput
from core.text import as_quote
from tickets.actions import TicketDraft, add_comment, add_watcher, reopen_ticket, submit_ticket
from tickets.actions.attaching import check_files
from tickets.actions.submitting import DESCRIPTION_MAX, TITLE_MAX
from tickets.choices import REOPEN_DAYS, Channel, CommentKind, IncomingState, Status
from tickets.incoming.mail.errors import Unhandled
from tickets.incoming.mail.letter import Letter
from tickets.incoming.mail.quoting import Folded, fold, is_forward
from tickets.incoming.mail.saying import tell_files_left, tell_received
from tickets.incoming.mail.threads import Answered, answered_by, kind_of_answer
from tickets.models import Comment, IncomingMessage, Mailbox, Ticket

#: Characters of a mail's text that are looked at, and that a ticket takes; the rest is a file.
_TEXT_MAX = 400_000
_WORDS_MAX = DESCRIPTION_MAX - 500
_QUOTED_MAX = 50_000
_REASON_MAX = 3_900
#: People in To and Cc of a new mail who follow its ticket from the beginning.
_WATCHERS = 10
#: What would begin a heading, a rule or a code block.
_DRAWN = re.compile(r"^(\s{0,3})(#{1,6}(?=\s)|={3,}\s*$|-{3,}\s*$|```|~~~)")
#: "It doesn't", in so many words at the beginning of an answer; anything else is information.
_NOT_SOLVED = re.compile(
    r"^\W*(?:(?:问题|还是|依然|仍然|仍|并|还){0,3}(?:没有?|未)(?:得到)?解决"
    r"|(?:还是|依然|仍然|仍)(?:不行|不可以|有问题|报错|没好|没有好)"
    r"|it (?:still )?(?:doesn['’]?t|does not)(?: work)?|(?:still )?not (?:solved|fixed|working)"
    r"|still (?:doesn['’]?t work|broken|the same))(?:$|\W|[\u4e00-\u9fff])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Made:
    """What a mail became. `kept` goes into the message's own record."""

    ticket: Ticket
    comment: Comment | None
    person: User
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Files:
    taken: list[UploadedFile]
    left: list[str]


def make_of(
    letter: Letter,
    mailbox: Mailbox,
    row: IncomingMessage,
    person: User,
    *,
    for_stranger: bool,
    now: dt.datetime,
) -> Made:
    """Make a reply or a ticket of a mail that `person` answers for.

    Part of the caller's transaction. Raises `Unhandled`, or what the actions refuse.
    """
    answered = answered_by(letter, mailbox, person)
    if answered is not None and for_stranger and not _wrote_it(answered.ticket, letter):
        answered = None  # the stand-in sees it, whoever writes under their name does not
    folded = _folded(letter, is_new=answered is None)
    if answered is None:
        return _ticket(letter, mailbox, row, person, folded, for_stranger=for_stranger, now=now)
    if not answered.is_theirs:
        raise Unhandled(
            IncomingState.HELD,
            _("It answers %(ref)s, which its writer does not see.") % {"ref": answered.ticket.ref},
        )
    return _reply(
        letter, mailbox, row, person, answered, folded, for_stranger=for_stranger, now=now
    )


def _wrote_it(ticket: Ticket, letter: Letter) -> bool:
    return ticket.incoming.filter(sender=letter.sender, comment__isnull=True).exists()


def _folded(letter: Letter, *, is_new: bool) -> Folded:
    text = letter.content.text[:_TEXT_MAX]
    if is_new and is_forward(letter.subject):
        return Folded(text)
    folded = fold(text)
    # A new mail that is nothing but a quotation says what it quotes.
    return Folded(text) if is_new and not folded.words else folded


def _ticket(
    letter: Letter, mailbox: Mailbox, row: IncomingMessage, person: User, folded: Folded, *,
    for_stranger: bool, now: dt.datetime, follows: Ticket | None = None,
) -> Made:  # fmt: skip
    files = _checked(letter, folded.words)
    words = _short(folded.words) or letter.title or ", ".join(str(f.name) for f in files.taken)
    if not words.strip():
        raise Unhandled(IncomingState.SKIPPED, _("The mail is empty."))
    words = plainly(words)
    if folded.quoted:
        room = DESCRIPTION_MAX - len(words) - 600
        words = f"{words}\n\n{as_quote(folded.quoted[: room // 2])}" if room > 0 else words
    if for_stranger:
        writer = f"{letter.sender_name} <{letter.sender}>".strip()
        words = f"{writer}:\n\n{words}"
    ticket = submit_ticket(
        TicketDraft(
            product=mailbox.product, description=words, title=letter.title[:TITLE_MAX],
            channel=Channel.MAIL, files=files.taken, follows=follows,
        ),
        acting_user=person, now=now,
    )  # fmt: skip
    if not for_stranger:
        _let_in_copied(letter, mailbox, ticket, person, now)
    tell_received(row, ticket, None if for_stranger else person, letter, left=files.left, now=now)
    return Made(ticket, None, person, _kept(folded, files))


def _reply(
    letter: Letter, mailbox: Mailbox, row: IncomingMessage, person: User, answered: Answered,
    folded: Folded, *, for_stranger: bool, now: dt.datetime,
) -> Made:  # fmt: skip
    ticket = answered.ticket
    files = _checked(letter, folded.words)
    words = _short(folded.words) or ", ".join(str(f.name) for f in files.taken)
    if not words.strip():
        raise Unhandled(IncomingState.HELD, _("Nothing new was found above what the mail quotes."))
    if _says_it_does_not(ticket, person, words, now):
        ended = ticket.closed_at or ticket.resolved_at
        if ended is not None and now - ended > dt.timedelta(days=REOPEN_DAYS):
            return _ticket(
                letter, mailbox, row, person, folded, for_stranger=False, now=now, follows=ticket
            )
        ticket = reopen_ticket(ticket, words[:_REASON_MAX], acting_user=person, now=now)
        if not files.taken and len(words) <= _REASON_MAX:
            comment = ticket.comments.filter(author=person).order_by("-pk").first()
            return Made(ticket, comment, person, _kept(folded, files))
        words = words[_REASON_MAX:].strip() or ", ".join(str(f.name) for f in files.taken)
    kind = CommentKind.PUBLIC if for_stranger else kind_of_answer(letter, ticket, person)
    comment = add_comment(
        ticket, plainly(words), kind=kind, files=files.taken,
        quoted=folded.quoted[:_QUOTED_MAX], acting_user=person, now=now,
    )  # fmt: skip
    if files.left:
        tell_files_left(row, ticket, person, left=files.left, now=now)
    return Made(ticket, comment, person, _kept(folded, files))


def _says_it_does_not(ticket: Ticket, person: User, words: str, now: dt.datetime) -> bool:
    """Whether the requester of a solved ticket says that it is not."""
    return (
        ticket.requester_id == person.pk
        and ticket.status in (Status.RESOLVED, Status.CLOSED)
        and _NOT_SOLVED.match(words) is not None
    )


def _let_in_copied(
    letter: Letter, mailbox: Mailbox, ticket: Ticket, person: User, now: dt.datetime
) -> None:
    """Colleagues the mail was sent to as well follow the ticket: its writer told them anyway."""
    copied = [one for one in letter.copied if one != mailbox.address.lower()][:50]
    if not copied:
        return
    people: dict[str, list[User]] = {}
    here = User.objects.working_here().annotate(mail=Lower("email")).filter(mail__in=copied)
    for user in here.exclude(pk=person.pk):
        people.setdefault(user.email.lower(), []).append(user)
    for found in list(people.values())[:_WATCHERS]:
        if len(found) == 1:
            add_watcher(ticket, found[0], acting_user=person, now=now)


def _checked(letter: Letter, words: str) -> _Files:
    """The files that uploads would be taken as well, and the names of the others."""
    taken: list[UploadedFile] = []
    left: list[str] = list(letter.content.unread)
    offered: Sequence[UploadedFile] = letter.content.files
    if len(words) > _WORDS_MAX:
        whole = SimpleUploadedFile("mail.txt", words.encode(), "text/plain")
        offered = [whole, *offered]
    for file in offered:
        try:
            check_files([file])
        except BadInput:
            left.append(file.name or "?")
            continue
        if len(taken) < settings.ATTACHMENT_MAX_COUNT:
            taken.append(file)
        else:
            left.append(file.name or "?")
    return _Files(taken, [name[:200] for name in left][:50])


def plainly(words: str) -> str:
    """Plain text as it reads in Markdown: no headings and no program text by a slip."""
    lines = (
        _DRAWN.sub(r"\1\\\2", line.strip() if line.startswith("    ") else line)
        for line in words.split("\n")
    )
    return "\n".join(lines)


def _short(words: str) -> str:
    return words if len(words) <= _WORDS_MAX else f"{words[:_WORDS_MAX].rstrip()} …"


def _kept(folded: Folded, files: _Files) -> dict[str, Any]:
    return {
        **({"quoted": folded.quoted[:_QUOTED_MAX]} if folded.quoted else {}),
        **({"left": files.left} if files.left else {}),
    }
