"""The conversation of a ticket with its history between the messages, for staff or requester."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Team
from core.events import history
from core.markup import file_chip
from core.models import Event
from core.prepared import Prepared
from core.text import as_quote, markdown_html, mentioned_ids
from tickets.choices import Channel, CommentKind
from tickets.models import Attachment, Cause, Comment, Ticket
from tickets.rendering.drafts import DRAWN, DRAWN_BYTES
from tickets.rendering.sentences import CAUSE, MESSAGES, REQUESTER, STAFF, Names, said

_NAMED = ("assignee_id", "requester_id", "owner_id")


@dataclass(frozen=True)
class Entry:
    """A message (with `author`) or a line of history (with `text`)."""

    at: dt.datetime
    icon: str = ""
    text: str = ""
    author: str = ""
    person: str = ""
    role: str = ""
    is_note: bool = False
    is_question: bool = False
    html: SafeString = field(default_factory=SafeString)
    files: tuple[SafeString, ...] = ()
    pk: int = 0
    #: Where the reader undoes this act of theirs; "" where they cannot.
    undo_url: str = ""
    #: Tells entries of one conversation apart: `m-<comment>` (0: the description), `e-<version>`.
    key: str = ""


# Read with every ticket that is opened.
_events = Prepared(history)


@Prepared
def _comments(for_staff: bool, ticket: int) -> QuerySet[Comment]:
    comments = Comment.objects.filter(ticket=ticket).order_by("id")
    return comments if for_staff else comments.filter(kind=CommentKind.PUBLIC)


@Prepared
def _attachments(ticket: int) -> QuerySet[Attachment]:
    return Attachment.objects.filter(ticket=ticket).order_by("id").select_related("file")


@Prepared
def _members(people: tuple[int, ...]) -> QuerySet[User, tuple[Any, ...]]:
    """Names with each team of the person; the last row of a person introduces them."""
    return (
        User.objects.filter(pk__in=people)
        .order_by("memberships__team__is_product_operations", "-memberships__team_id")
        .values_list(
            "pk", "name", "memberships__team__name", "memberships__team__is_active",
            "memberships__team__is_product_operations",
        )
    )  # fmt: skip


@Prepared
def _team_names(teams: tuple[int, ...]) -> QuerySet[Team, tuple[int, str]]:
    return Team.objects.filter(pk__in=teams).values_list("pk", "name")


@dataclass(frozen=True)
class _Author:
    name: str
    person: str
    role: str


def conversation(
    ticket: Ticket, *, for_staff: bool, may_undo: Callable[[Event], bool] | None = None
) -> list[Entry]:
    """Messages and events of a ticket in the order they happened. Five queries at most."""
    events = _events(subject=Ticket.SUBJECT, subject_id=ticket.pk)
    comments = _comments(for_staff, ticket=ticket.pk)
    files = _files(ticket)
    writers = {c.author_id for c in comments if c.author_id}
    people = _people(events, set(writers))
    names = people.names
    authors = _authors(ticket, people, writers)
    named = {
        e.data.get("comment_id"): {pk: names.person(pk) for pk in e.data["mentioned"]}
        for e in events
        if e.data.get("mentioned")
    }
    questions = {e.data.get("comment_id") for e in events if e.verb == "ask"}
    entries = [_description(ticket, authors, names, files.get(0, ()), events)]
    entries += [
        _message(
            comment, authors, files.get(comment.pk, ()), comment.pk in questions,
            named.get(comment.pk, {}),
        )
        for comment in comments
    ]  # fmt: skip
    undone = {version for e in events if e.verb == "undo" for version in e.data["undone"]}
    book = STAFF if for_staff else REQUESTER
    for event in events:
        # The description stands for its submission unless somebody else typed it.
        if event.verb in MESSAGES or (
            event.verb == "submit" and event.actor_id == ticket.requester_id
        ):
            continue
        icon, text = said(event, names, book)
        if text:
            entries.append(
                Entry(
                    at=event.occurred_at, icon=icon, text=text, key=f"e-{event.version}",
                    undo_url=_undo_url(event, undone, may_undo, for_staff),
                )
            )  # fmt: skip
    return sorted(entries, key=lambda entry: entry.at)


def _undo_url(
    event: Event, undone: set[int], may_undo: Callable[[Event], bool] | None, for_staff: bool
) -> str:
    if may_undo is None or event.version in undone or not may_undo(event):
        return ""
    name = "ticket_undo" if for_staff else "my_ticket_undo"
    return reverse(name, args=[event.subject_id, event.version])


def _files(ticket: Ticket) -> Mapping[int, tuple[SafeString, ...]]:
    """File chips by comment id; 0 is the description."""
    found: dict[int, list[SafeString]] = {}
    for row in _attachments(ticket=ticket.pk):
        chip = file_chip(
            row.name, row.file.size, reverse("attachment", args=[row.pk, row.name]),
            image=row.content_type.startswith("image/"),
            drawn=row.content_type in DRAWN and row.file.size <= DRAWN_BYTES,
        )  # fmt: skip
        found.setdefault(row.comment_id or 0, []).append(chip)
    return {key: tuple(chips) for key, chips in found.items()}


@dataclass(frozen=True)
class _People:
    """Names, and the team by which a colleague is introduced: its name, and whether it is ours."""

    names: Names
    teams: Mapping[int, tuple[str, bool]]


def _people(events: Iterable[Event], people: set[int]) -> _People:
    """Two queries: everybody with their teams, and every team these events mention."""
    teams: set[int] = set()
    for event in events:
        for column, (_before, after) in event.changes.items():
            if column in _NAMED and after:
                people.add(after)
            elif column in ("team_id", "relayed_to_id") and after:
                teams.add(after)
        if event.actor_id:
            people.add(event.actor_id)
        if user_id := event.data.get("user_id"):
            people.add(user_id)
        people.update(event.data.get("mentioned", ()))
        if team_id := event.data.get("team_id"):
            teams.add(team_id)
    names: dict[int, str] = {}
    membership: dict[int, tuple[str, bool]] = {}
    # The last one counts: a team of product operations, and of those the oldest.
    for pk, name, team, is_active, is_operations in _members(people=tuple(people)):
        names[pk] = name
        if is_active:  # None for who is in no team
            membership[pk] = (team, is_operations)
    mentioned = dict(_team_names(teams=tuple(teams)))
    return _People(Names(names, mentioned), membership)


def _authors(ticket: Ticket, people: _People, ids: Iterable[int]) -> dict[int, _Author]:
    """How each author is introduced: the requester by their post, the others by their team."""
    requester = ticket.requester
    posts = [str(p) for p in (requester.department, requester.position) if p is not None]
    found = {ticket.requester_id: _Author(requester.name, "user", " · ".join(posts))}
    for pk in ids:
        if pk not in found:
            team, is_operations = people.teams.get(pk, ("", False))
            found[pk] = _Author(people.names.person(pk), "" if is_operations else "team", team)
    return found


def _description(
    ticket: Ticket, authors: Mapping[int, _Author], names: Names, files: tuple[SafeString, ...],
    events: Sequence[Event],
) -> Entry:  # fmt: skip
    author = authors[ticket.requester_id]
    role = author.role
    if ticket.submitted_by_id != ticket.requester_id:
        role = _("written down by %(name)s") % {"name": names.person(ticket.submitted_by_id)}
    if ticket.channel == Channel.CHAT and events:
        role = f"{role} · {_said_in_chat(events[0])}" if role else _said_in_chat(events[0])
    return Entry(
        at=ticket.submitted_at, author=author.name, person="user", role=role,
        html=markdown_html(
            ticket.description, images=False, fold_quotes=ticket.channel == Channel.MAIL
        ),
        files=files, key="m-0",
    )  # fmt: skip


def _said_in_chat(event: Event) -> str:
    """When the words were written in the chat, which is what counts as evidence."""
    said_at = parse_datetime((event.data.get("chat") or {}).get("said_at") or "")
    if said_at is None:
        return _("from a chat")
    when = date_format(timezone.localtime(said_at), "SHORT_DATETIME_FORMAT")
    return _("written in a chat at %(time)s") % {"time": when}


def _message(
    comment: Comment,
    authors: Mapping[int, _Author],
    files: tuple[SafeString, ...],
    question: bool,
    named: Mapping[int, str],
) -> Entry:
    author = authors.get(comment.author_id or 0, _Author(_("The system"), "team", ""))
    return Entry(
        at=comment.created_at, author=author.name, person=author.person, role=author.role,
        is_note=comment.kind == CommentKind.NOTE, is_question=question,
        html=said_html(_with_quoted(comment), named), files=files, pk=comment.pk,
        key=f"m-{comment.pk}",
    )  # fmt: skip


def _with_quoted(comment: Comment) -> str:
    """The words, and below them what the mail they came by quoted."""
    return f"{comment.body}\n\n{as_quote(comment.quoted)}" if comment.quoted else comment.body


def newest_public(entries: Iterable[Entry]) -> int:
    """The newest public comment among `entries`, 0 for none: what whoever reads them has seen."""
    return max((entry.pk for entry in entries if entry.pk and not entry.is_note), default=0)


def said_html(body: str, named: Mapping[int, str]) -> SafeString:
    """What somebody wrote, with the people named in it under their present names."""
    return markdown_html(body, images=False, mentions=named, fold_quotes=True)


def text_html(body: str) -> SafeString:
    """A text that is not sent yet, as it will read."""
    ids = mentioned_ids(body)
    named = dict(User.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    return said_html(body, named)


def cause_history(cause: Cause) -> list[Entry]:
    """What happened to a cause, newest first."""
    events = list(history(Cause.SUBJECT, cause.pk))
    names = _people(events, set()).names
    told = [(event, *said(event, names, CAUSE)) for event in reversed(events)]
    return [Entry(at=event.occurred_at, icon=icon, text=text) for event, icon, text in told if text]
