"""What becomes of one kept message: a ticket of its writer, a reply, or why neither.

What must be asked outside (who this is, the pictures) comes first. Then everything that is made,
the mark that it was made and the answer to the chat are one transaction.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import outbox
from core.channels.errors import Unsent
from core.errors import BadInput, Refused
from core.origin import brought_about
from core.sniffing import begins_as
from core.text import as_quote
from core.uploads import ending_of
from tickets.access import get_ticket_for_view
from tickets.actions import TicketDraft, add_comment, submit_ticket
from tickets.actions.attaching import ACCEPTED, check_files
from tickets.choices import Channel, IncomingState
from tickets.incoming.mail.making import plainly
from tickets.incoming.people import Outcome, Policy, Sender, by_mail, by_person, by_username
from tickets.incoming.products import Products
from tickets.incoming.providers import provider_named
from tickets.incoming.providers.base import FileRef, Profile
from tickets.incoming.reasons import because, refusal_said
from tickets.incoming.robots.answering import ANSWER, Said
from tickets.incoming.robots.door import source_of
from tickets.models import ChatPerson, ChatRobot, Comment, IncomingMessage, Ticket

logger = logging.getLogger(__name__)

#: Messages of one person within an hour; more wait for an agent.
HOURLY_OF_ONE = 60
#: How long a picture sent after the words belongs to them.
GOES_ON = dt.timedelta(minutes=10)
_WORDS_MAX = 18_000
_REFERENCE = re.compile(r"\bOPS-(\d{1,18})\b")
_LEADING_REFERENCE = re.compile(r"^\s*#?OPS-(\d{1,18})\b[\s:：,，]*")
#: Endings given to files that come without a name, by what they begin with.
_GUESSED = ("png", "jpg", "gif", "webp", "pdf", "mp4")


class Unhandled(Exception):
    """Nothing is made of the message; `state` and the words say what happens to it instead."""

    def __init__(self, state: IncomingState, reason: object, said: Said | None = None) -> None:
        self.state, self.reason, self.said = state, reason, said
        super().__init__(str(reason))


@dataclass
class _Asked:
    """What was asked of the provider before anything is written."""

    profile: Profile = field(default_factory=Profile)
    files: list[UploadedFile] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Made:
    ticket: Ticket
    comment: Comment | None
    person: User


def handle_chat(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """The job of one kept message; once it was handled it does nothing."""
    row = IncomingMessage.objects.select_related("robot__product", "robot__stand_in", "person").get(
        pk=payload["message_id"]
    )
    if row.state != IncomingState.RECEIVED or row.robot is None:
        return
    # What is kept is read by all of the house: reasons are written in its language.
    with translation.override(settings.LANGUAGE_CODE):
        try:
            _handle(row, row.robot, now)
        except (OperationalError, InterfaceError):
            raise  # the database was away: the outbox tries again
        except Exception as error:
            logger.exception("chat message %s could not be handled", row.pk)
            IncomingMessage.objects.filter(pk=row.pk, state=IncomingState.RECEIVED).update(
                state=IncomingState.FAILED, error=f"{type(error).__name__}: {error}"[:500],
                attempts=row.attempts + 1,
            )  # fmt: skip


def _handle(row: IncomingMessage, robot: ChatRobot, now: dt.datetime) -> None:
    asked = _ask(row, robot)
    with transaction.atomic():
        locked = IncomingMessage.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if locked.state != IncomingState.RECEIVED:
            return
        try:
            # In a savepoint: what is refused half-way leaves nothing but its reason.
            with transaction.atomic():
                made = _make(row, robot, asked, now)
        except Unhandled as reason:
            _close(locked, reason.state, partial(str, reason.reason), now)
            if reason.said is not None:
                _answer(row, reason.said, asked, now)
        except Refused as refusal:
            _close(locked, IncomingState.FAILED, refusal_said(refusal), now)
            _answer(row, Said.HELD, asked, now)
        else:
            IncomingMessage.objects.filter(pk=row.pk).update(
                state=IncomingState.DONE, done_at=now, error="", person=made.person,
                ticket=made.ticket, comment=made.comment, attempts=row.attempts + 1,
                sender_name=row.sender_name or asked.profile.name[:120],
            )  # fmt: skip
            _answer(row, Said.ADDED if made.comment else Said.SUBMITTED, asked, now)


def _close(
    row: IncomingMessage, state: IncomingState, reason: Callable[[], str], now: dt.datetime
) -> None:
    IncomingMessage.objects.filter(pk=row.pk).update(
        state=state, attempts=row.attempts + 1, **because(row.data, reason),
        done_at=now if state == IncomingState.SKIPPED else None,
    )  # fmt: skip


def _answer(row: IncomingMessage, said: Said, asked: _Asked, now: dt.datetime) -> None:
    """Say what became of it, once for each time it was handled."""
    outbox.job(
        ANSWER, {"message_id": row.pk, "said": said.value, "left": asked.left[:10]},
        key=f"incoming-answer:{row.pk}:{row.attempts}", now=now,
    )  # fmt: skip


def _ask(row: IncomingMessage, robot: ChatRobot) -> _Asked:
    """Who this is where nobody told us yet, and the files; a chat that does not answer costs both
    their presence and nothing else.
    """
    provider, asked = provider_named(robot.app), _Asked()
    if not row.data.get("chosen") and _known(row, robot) is None and not robot.user_ids_are_names:
        try:
            asked.profile = provider.profile(robot, row.sender)
        except Unsent as error:
            logger.info("robot %s could not ask who wrote: %s", robot.pk, error)
    for kept in row.data.get("files", [])[: settings.ATTACHMENT_MAX_COUNT]:
        ref = FileRef(**kept)
        try:
            fetched = provider.fetch(robot, row, ref)
            file = SimpleUploadedFile(_name(fetched.name, fetched.content), fetched.content)
            check_files([file])
        except (Unsent, BadInput) as error:
            logger.info("robot %s could not take a file: %s", robot.pk, error)
            asked.left.append((ref.name or ref.kind)[:80])
        else:
            asked.files.append(file)
    return asked


def _name(name: str, content: bytes) -> str:
    if ending_of(name) in ACCEPTED and begins_as(ending_of(name), content[:512]):
        return name
    ending = next((one for one in _GUESSED if begins_as(one, content[:512])), "")
    return f"{name.rpartition('.')[0] or name}.{ending}" if ending else name


def _known(row: IncomingMessage, robot: ChatRobot) -> User | None:
    found = ChatPerson.objects.filter(source=source_of(robot), name=row.sender[:120])
    kept = found.select_related("person").first()
    return None if kept is None else kept.person


def _sender(row: IncomingMessage, robot: ChatRobot, profile: Profile, now: dt.datetime) -> Sender:
    """Whose words they are, by the one policy for every way in (`incoming.people`)."""
    policy = Policy(robot.strangers, robot.stand_in)
    if row.data.get("chosen"):
        sender = by_person(row.person, policy)
        _remember(row, robot, sender, row.data.get("chosen_by"), now)
    elif (known := _known(row, robot)) is not None:
        sender = by_person(known, policy)
    elif robot.user_ids_are_names:
        sender = by_username(row.sender, policy)
    else:
        sender = by_mail(profile.email, policy)
        _remember(row, robot, sender, None, now)
    return sender


def _remember(
    row: IncomingMessage, robot: ChatRobot, sender: Sender, by: int | None, now: dt.datetime
) -> None:
    """The next message of this user id needs no question."""
    if sender.outcome == Outcome.TAKE and row.sender:
        ChatPerson.objects.update_or_create(
            source=source_of(robot), name=row.sender[:120],
            defaults={"person": sender.person, "learnt_from_id": by, "learnt_at": now},
        )  # fmt: skip


def _make(row: IncomingMessage, robot: ChatRobot, asked: _Asked, now: dt.datetime) -> _Made:
    """A ticket or a reply. Raises `Unhandled`, or what the actions refuse."""
    words = str(row.data.get("text", "")).strip()
    if not words and not asked.files:
        raise Unhandled(IncomingState.SKIPPED, _("There are no words in it."), Said.EMPTY)
    if not row.data.get("chosen") and _too_many(row, now):
        raise Unhandled(
            IncomingState.HELD, _("This person wrote too many messages within an hour."), Said.HELD
        )
    sender = _sender(row, robot, asked.profile, now)
    if sender.person is None:
        if sender.outcome == Outcome.REFUSE:
            raise Unhandled(IncomingState.SKIPPED, sender.reason, Said.REFUSED)
        raise Unhandled(IncomingState.HELD, sender.reason, Said.HELD)
    is_stranger = sender.outcome == Outcome.STAND_IN
    ticket = _goes_to(row, sender.person, words, is_stranger, now)
    if ticket is not None:
        comment = _comment(row, ticket, words, asked.files, sender.person, is_stranger, now)
        return _Made(ticket, comment, sender.person)
    made = _ticket(row, robot, words, asked, sender.person, is_stranger, now)
    return _Made(made, None, sender.person)


def _too_many(row: IncomingMessage, now: dt.datetime) -> bool:
    lately = IncomingMessage.objects.filter(
        source=row.source, sender=row.sender, received_at__gt=now - dt.timedelta(hours=1)
    )
    return lately.exclude(pk=row.pk).count() >= HOURLY_OF_ONE


def _ticket(
    row: IncomingMessage, robot: ChatRobot, words: str, asked: _Asked, person: User,
    is_stranger: bool, now: dt.datetime,
) -> Ticket:  # fmt: skip
    product, module = Products([person], robot.product).of(words, None)
    draft = TicketDraft(
        product=product, module=module, description=_description(row, words, asked, is_stranger),
        channel=Channel.CHAT, files=asked.files,
    )  # fmt: skip
    said_at = None if row.said_at is None else row.said_at.isoformat()
    with brought_about(chat={"said_at": said_at, "messages": 1, "robot": robot.pk}):
        return submit_ticket(draft, acting_user=person, now=now)


def _description(row: IncomingMessage, words: str, asked: _Asked, is_stranger: bool) -> str:
    text = plainly(words[:_WORDS_MAX]) or ", ".join(str(file.name) for file in asked.files)
    if quoted := str(row.data.get("quoted", "")).strip():
        text = f"{text}\n\n{as_quote(quoted[:1000])}"
    name = row.sender_name or asked.profile.name or row.sender
    return f"{name}:\n\n{text}" if is_stranger else text


def _comment(
    row: IncomingMessage, ticket: Ticket, words: str, files: Sequence[UploadedFile], person: User,
    is_stranger: bool, now: dt.datetime,
) -> Comment:  # fmt: skip
    text = plainly(_LEADING_REFERENCE.sub("", words)[:_WORDS_MAX])
    text = text or ", ".join(str(file.name) for file in files) or words
    name = row.sender_name or row.sender
    body = f"{name}:\n\n{text}" if is_stranger else text
    return add_comment(ticket, body, files=files, acting_user=person, now=now)


def _goes_to(
    row: IncomingMessage, person: User, words: str, is_stranger: bool, now: dt.datetime
) -> Ticket | None:
    """The ticket a message goes on about: its thread's, the one it names, or the one just made.

    Only where the writer sees that ticket; else the message is a ticket of their own, and says
    nothing about the other.
    """
    # Of a stand-in's tickets only those of the same writer: the stand-in sees them all.
    ours = IncomingMessage.objects.filter(source=row.source, ticket__isnull=False)
    ours = ours.exclude(pk=row.pk)
    if is_stranger:
        ours = ours.filter(sender=row.sender)
    ids = [one for one in row.data.get("parents", []) if one]
    if ids:
        earlier = ours.filter(Q(message_id__in=ids) | Q(thread__in=ids)).order_by("-pk").first()
        if earlier is not None and (found := _seen(earlier.ticket_id, person)):
            return found
    if not words:
        lately = ours.filter(
            sender=row.sender, data__chat=row.data.get("chat", ""), received_at__gt=now - GOES_ON
        )
        earlier = lately.order_by("-pk").first()
        return None if earlier is None else _seen(earlier.ticket_id, person)
    if is_stranger:
        return None
    named = _LEADING_REFERENCE.match(words) or _REFERENCE.search(str(row.data.get("quoted", "")))
    return _seen(int(named[1]), person) if named else None


def _seen(pk: int | None, person: User) -> Ticket | None:
    if pk is None:
        return None
    try:
        return get_ticket_for_view(person, pk)
    except Http404:
        return None
