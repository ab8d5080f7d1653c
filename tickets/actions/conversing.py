"""The conversation: public replies, internal notes, questions, watchers."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.changes import checked_text
from core.errors import BadInput, Problem
from core.events import sealed
from core.models import Event
from tickets.actions.attaching import attach_files, check_files
from tickets.actions.drafting import send_draft
from tickets.actions.mentioning import read_mentions
from tickets.actions.saving import save, take
from tickets.choices import CommentKind, Level, Status
from tickets.errors import UnseenReply
from tickets.models import Comment, HandOver, Ticket, Watcher
from tickets.notifications import tell_comment
from tickets.policies import Who, stands_as


def add_comment(
    ticket: Ticket,
    body: str,
    *,
    kind: str = CommentKind.PUBLIC,
    files: Sequence[UploadedFile] = (),
    seen_comment: int | None = None,
    invited: Collection[int] = (),
    from_draft: bool = False,
    quoted: str = "",
    acting_user: User | None,
    now: dt.datetime,
) -> Comment:
    """Write a public reply or an internal note.

    Never conflicts with other changes (invariant 2), but a public reply after one that its writer
    has not seen is held once: `seen_comment` is the newest public comment they saw, and a newer
    one by somebody else raises `UnseenReply`. None asks for no such care.

    A requester's reply takes a pending ticket up again; the first public reply by somebody else
    is the first response, and takes a new ticket in hand. People named in `body` are told;
    `invited` are those of them who become watchers with it. `from_draft` sends the person's draft
    of this kind: its files go along, and it is gone. `quoted` is what a mail quoted below its
    words; it is shown folded. `acting_user` None is a rule: its words are automatic, never a first
    response, and name nobody.
    """
    body = checked_text("body", body)
    check_files(files)
    with transaction.atomic():
        verb = "note" if kind == CommentKind.NOTE else "comment"
        row = take(ticket, verb, acting_user, None, ())
        if acting_user is None:
            comment, event = _write(row, verb, body, kind, None, now, {})
            tell_comment(row, comment, event, now=now)
            return comment
        if kind == CommentKind.PUBLIC:
            _hold_once(row, seen_comment, acting_user)
        named = read_mentions(row, body, kind=kind, author=acting_user, invited=invited)
        # Whoever is let in sees the ticket before they are told of it.
        for user in named.newcomers:
            _watch(row, user, acting_user, now)
        effects = _effects(row, kind, acting_user, now)
        told = {user.pk for user in named.people}
        comment, event = _write(
            row, verb, named.body, kind, acting_user, now, effects, mentioned=told,
            quoted=quoted,
        )  # fmt: skip
        attach_files(row, comment, files, acting_user=acting_user, now=now)
        if from_draft:
            send_draft(row, comment, acting_user=acting_user, now=now)
        tell_comment(row, comment, event, now=now, named=told)
    return comment


def _hold_once(row: Ticket, seen_comment: int | None, user: User) -> None:
    if seen_comment is None:
        return
    later = row.comments.filter(kind=CommentKind.PUBLIC, pk__gt=seen_comment)
    unseen = later.exclude(author=user).select_related("author").order_by("pk").last()
    if unseen is not None:
        raise UnseenReply(unseen)


#: A word from the requester's side on a resolved ticket: silence closes it no more until staff
#: have answered, and a day that was announced does not hold.
_SPOKEN: dict[str, Any] = {"silent_from": None, "answer_owed": True, "closes_on": None}


def _effects(row: Ticket, kind: str, user: User | None, now: dt.datetime) -> dict[str, Any]:
    """What a comment changes on its ticket."""
    if kind == CommentKind.NOTE or user is None:
        return {}
    standing = stands_as(row, user)
    if row.requester_id == user.pk:
        if row.status == Status.RESOLVED:
            return dict(_SPOKEN)
        if row.status != Status.PENDING:
            return {}
        return {"status": Status.ON_HOLD if waits_for_others(row) else Status.OPEN}
    fields: dict[str, Any] = {}
    if not standing & {Who.AGENT, Who.MANAGER, Who.OUTSIDE, Who.OWNER, Who.HELPER}:
        return dict(_SPOKEN) if row.status == Status.RESOLVED else fields
    if row.status == Status.RESOLVED:
        fields |= {"silent_from": now, "answer_owed": False, "closes_on": None}
    if row.first_response_at is None:
        fields["first_response_at"] = now
    if row.status == Status.NEW:
        fields["status"] = Status.OPEN
    return fields


def waits_for_others(ticket: Ticket) -> bool:
    """Whether a ticket that leaves `pending` goes back to waiting for another team.

    An outside team (L1), an owner who has not delivered (L3) or a demand (L4) still has it.
    """
    if ticket.level == Level.PRODUCT_DRIVE and ticket.driver:
        return True
    if ticket.level == Level.PUSH and ticket.cause is not None:
        return ticket.cause.state in ("pushed", "accepted")
    return relay_is_open(ticket)


def relay_is_open(ticket: Ticket) -> bool:
    """Whether the outside team still has the ticket: relayed and neither returned nor solved."""
    if ticket.relayed_to_id is None or ticket.level != Level.RELAY:
        return False
    last = HandOver.objects.filter(
        ticket=ticket, from_level=Level.RELAY, to_level=Level.RELAY
    ).order_by("-id").first()  # fmt: skip
    return last is not None and last.returned_at is None


def keep_note(row: Ticket, words: str, user: User, now: dt.datetime) -> None:
    """Keep what was written with a relay, a return or a decline, where the next person reads it.

    Part of the caller's transaction, which tells about the move itself.
    """
    if words := words.strip():
        _write(row, "note", words, CommentKind.NOTE, user, now, {})


def _write(
    row: Ticket, verb: str, body: str, kind: str, user: User | None, now: dt.datetime,
    fields: dict[str, Any], mentioned: Collection[int] = (), quoted: str = "",
) -> tuple[Comment, Event]:  # fmt: skip
    salt = secrets.token_hex(16)
    comment = Comment.objects.create(
        ticket=row, author=user, kind=kind, body=body, salt=salt, created_at=now,
        is_auto=user is None, quoted=quoted,
    )  # fmt: skip
    event = save(
        row, verb, user=user, now=now, fields=fields,
        data={
            "comment_id": comment.pk, "words": sealed(salt, body), "kind": kind,
            **({"mentioned": sorted(mentioned)} if mentioned else {}),
        },
    )  # fmt: skip
    return comment, event


def ask_requester(
    ticket: Ticket,
    question: str,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """Ask the requester in public; the ticket waits for them and its clock pauses (请补充)."""
    question = checked_text("question", question)
    with transaction.atomic():
        row = take(ticket, "ask", acting_user, seen_version, ())
        fields: dict[str, Any] = {"status": Status.PENDING}
        if row.first_response_at is None and acting_user is not None:
            fields["first_response_at"] = now
        comment, event = _write(row, "ask", question, CommentKind.PUBLIC, acting_user, now, fields)
        tell_comment(row, comment, event, now=now)
    return row


def add_watcher(
    ticket: Ticket, user: User, *, acting_user: User | None, now: dt.datetime
) -> Watcher:
    """Let a person follow the ticket; adding somebody twice changes nothing."""
    with transaction.atomic():
        row = take(ticket, "watch", acting_user, None, ())
        if not user.is_active or user.imported:
            raise BadInput(
                Problem(
                    "user", _("This person has no working account."),
                    _("Choose somebody who can sign in."), user.name,
                )
            )  # fmt: skip
        return _watch(row, user, acting_user, now)


def _watch(row: Ticket, user: User, acting_user: User | None, now: dt.datetime) -> Watcher:
    """The watcher and its event, on a locked row; somebody who watches already changes nothing."""
    watcher, created = Watcher.objects.get_or_create(
        ticket=row, user=user, defaults={"added_by": acting_user or user, "created_at": now}
    )
    if created:
        save(row, "watch", user=acting_user, now=now, data={"user_id": user.pk})
    return watcher


def remove_watcher(ticket: Ticket, user: User, *, acting_user: User, now: dt.datetime) -> None:
    """Stop following, oneself or (as staff) a colleague."""
    with transaction.atomic():
        row = take(ticket, "comment" if user == acting_user else "watch", acting_user, None, ())
        watcher = Watcher.objects.filter(ticket=row, user=user).first()
        if watcher is not None:
            # Whoever undoes this puts back the same watcher, not a new one.
            data = {
                "user_id": user.pk, "made_by": watcher.added_by_id, "made_at": watcher.created_at,
            }  # fmt: skip
            watcher.delete()
            save(row, "unwatch", user=acting_user, now=now, data=data)
