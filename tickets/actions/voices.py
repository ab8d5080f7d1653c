"""Voices of other people on a known issue or a ticket, in their own words: 我也遇到."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from core import events, outbox
from core.changes import checked_text
from core.errors import BadInput, NotAllowed, Problem
from core.worktime import WorkCalendar, add_working_days
from tickets.actions.cause_beats import require_staff
from tickets.actions.submitting import DESCRIPTION_MAX, TicketDraft, submit_ticket
from tickets.choices import (
    AUTO_CONFIRM_DAYS,
    SAME_HERE_OPEN,
    UNRESOLVED,
    CauseState,
    Channel,
    SameHereState,
)
from tickets.errors import WrongState
from tickets.models import Cause, SameHere, Ticket

#: The job that asks everybody who said "same here" of a cause.
ASK_ALL = "tickets.ask_same_heres"


def same_here(
    target: Cause | Ticket,
    words: str,
    *,
    acting_user: User,
    now: dt.datetime,
    person: User | None = None,
    channel: str = Channel.FORM,
) -> SameHere:
    """Add a person's voice to a known issue, or to a ticket that the caller's door let them see.

    On a ticket with a cause it goes to the cause. Staff add it for a `person`. Who said so before
    and still waits gets that row again. Raises BadInput, WrongState, NotAllowed.
    """
    person = person or acting_user
    words = checked_text("words", words, maximum=DESCRIPTION_MAX)
    is_agent = rights_of(acting_user).has(PermissionRole.AGENT)
    if person != acting_user and not is_agent:
        raise NotAllowed(
            Problem(
                "person", _("You may speak only for yourself."),
                _("Ask product operations to add a colleague."), person.name,
            )
        )  # fmt: skip
    if not person.is_active or person.imported:
        raise BadInput(
            Problem(
                "person", _("This person has no working account."),
                _("Choose somebody who can sign in."), person.name,
            )
        )  # fmt: skip
    cause, ticket = _target(target)
    _require_heard(cause, ticket, person, is_agent)
    there = _open_of(cause, ticket, person)
    if there is not None:
        return there
    row = SameHere(
        cause=cause, ticket=ticket, person=person, added_by=acting_user,
        department=person.department, words=words, said_at=now,
        channel=channel if person == acting_user else Channel.ON_BEHALF,
    )  # fmt: skip
    try:
        with transaction.atomic():
            events.create(row, "same_here", actor_id=acting_user.pk, now=now)
            _news(row, "said", now)
            if cause is not None:
                _tell_state(row, cause, now)
    except IntegrityError:  # the same click twice at once
        there = _open_of(cause, ticket, person)
        if there is None:
            raise
        return there
    return row


def _target(target: Cause | Ticket) -> tuple[Cause | None, Ticket | None]:
    """What it is about as it stands now: the caller may have read it a while ago."""
    pk = target.pk if isinstance(target, Cause) else target.cause_id
    cause = Cause.objects.filter(pk=pk).select_related("product", "module").first() if pk else None
    return cause, None if isinstance(target, Cause) else target


def _require_heard(
    cause: Cause | None, ticket: Ticket | None, person: User, is_agent: bool
) -> None:
    """A voice needs something that is still to be solved, and no ticket of one's own of it."""
    if cause is not None:
        # Who saw the ticket may speak though the cause is not published; nobody else may.
        is_live = cause.is_known_issue and cause.delivered_at is None
        if ticket is None and not is_live and not is_agent:
            raise WrongState(
                Problem("cause", _("This is no known issue any more."), _("Submit a ticket."))
            )
        own = Ticket.objects.filter(cause=cause, requester=person, status__in=UNRESOLVED).first()
    else:
        own = ticket if ticket is not None and ticket.requester_id == person.pk else None
        if ticket is not None and ticket.status not in UNRESOLVED:
            raise WrongState(
                Problem(
                    "ticket", _("This ticket is solved or ended."),
                    _("Submit a ticket of your own."), ticket.ref,
                )
            )  # fmt: skip
    if own is not None:
        raise WrongState(
            Problem(
                "cause", _("There is a ticket about this already: %(ref)s.") % {"ref": own.ref},
                _("Add to that ticket instead."), own.ref,
            )
        )  # fmt: skip


def _open_of(cause: Cause | None, ticket: Ticket | None, person: User) -> SameHere | None:
    rows = SameHere.objects.filter(person=person, state__in=SAME_HERE_OPEN)
    about = rows.filter(cause=cause) if cause is not None else rows.filter(ticket=ticket)
    return about.first()


def _news(row: SameHere, name: str, now: dt.datetime) -> None:
    outbox.news(
        f"same_here.{name}",
        {"same_here_id": row.pk, "cause_id": row.cause_id, "ticket_id": row.ticket_id},
        key=f"news:same_here:{row.pk}:{row.version}:{name}", now=now,
    )  # fmt: skip


def _tell(row: SameHere, kind: str, title: str, now: dt.datetime, **params: Any) -> None:
    """A notice to the person; never while nobody but they acted."""
    outbox.notify(
        row.person_id, f"same_here.{kind}",
        {"title": title, "same_here": row.pk, **params},
        key=f"same_here:{row.pk}:{row.version}:{kind}", now=now,
        subject=SameHere.SUBJECT, subject_id=row.pk,
    )  # fmt: skip


def _tell_state(row: SameHere, cause: Cause, now: dt.datetime) -> None:
    """Who was added by somebody else hears of it, with what can be done meanwhile."""
    if row.person_id != row.added_by_id:
        _tell(row, "added", cause.title, now)


def _take(row: SameHere, states: tuple[str, ...], acting_user: User) -> SameHere:
    """The row, locked, if it is the person's own and in one of these states."""
    locked = events.lock(SameHere, row.pk)
    if locked.person_id != acting_user.pk:
        raise NotAllowed(
            Problem("", _("Only the person themselves answers this."), _("Ask them to."))
        )
    if locked.state not in states:
        raise WrongState(
            Problem(
                "state", _("This was answered or taken back before."), _("Reload the page."),
                str(SameHereState(locked.state).label),
            )
        )  # fmt: skip
    return locked


def confirm_same_here(row: SameHere, *, acting_user: User, now: dt.datetime) -> SameHere:
    """It works for this person: their own confirmation, whoever else has confirmed."""
    with transaction.atomic():
        locked = _take(row, SAME_HERE_OPEN, acting_user)
        _end(locked, "confirm", SameHereState.CONFIRMED, acting_user, now)
        _news(locked, "confirmed", now)
    return locked


def refuse_same_here(
    row: SameHere, because: str, *, acting_user: User, now: dt.datetime
) -> SameHere:
    """It does not work for this person: their words become a ticket of the cause."""
    because = checked_text("because", because)
    with transaction.atomic():
        locked = _take(row, (SameHereState.ASKED,), acting_user)
        about = locked.cause or locked.ticket
        assert about is not None  # noqa: S101  (a constraint of the table)
        ticket = submit_ticket(
            TicketDraft(
                product=about.product, module=about.module, channel=locked.channel,
                description=f"{because}\n\n{locked.words}", follows=locked.ticket,
            ),
            acting_user=acting_user, now=now,
        )  # fmt: skip
        if locked.cause_id is not None:
            # As staff link a cause; the person who says so did not judge it.
            ticket = _of_cause(ticket, locked.cause_id, now)
        _end(
            locked, "not_solved", SameHereState.NOT_SOLVED, acting_user, now,
            answer=because, led_to_id=ticket.pk,
        )  # fmt: skip
        _news(locked, "not_solved", now)
    return locked


def _of_cause(ticket: Ticket, cause_id: int, now: dt.datetime) -> Ticket:
    row = events.lock(Ticket, ticket.pk)
    events.change(
        row, "link_cause", actor_id=None, now=now, fields={"cause_id": cause_id},
        derived={"updated_at": now},
    )  # fmt: skip
    return row


def take_back_same_here(row: SameHere, *, acting_user: User, now: dt.datetime) -> SameHere:
    """I do not have it after all; it no longer counts."""
    with transaction.atomic():
        locked = _take(row, SAME_HERE_OPEN, acting_user)
        _end(locked, "take_back", SameHereState.TAKEN_BACK, acting_user, now)
        _news(locked, "taken_back", now)
    return locked


def _end(
    row: SameHere, verb: str, state: str, user: User | None, now: dt.datetime, **fields: Any
) -> None:
    events.change(
        row, verb, actor_id=user.pk if user is not None else None, now=now,
        fields={"state": state, "answered_at": now, **fields},
    )  # fmt: skip


def tell_voices(cause: Cause, *, now: dt.datetime, **params: Any) -> None:
    """Tell everybody who waits of the cause what is new: the workaround, or the promised date.

    Part of the caller's transaction, or of a job that may run twice: one notice per wording.
    """
    for row in SameHere.objects.filter(cause=cause, state=SameHereState.WAITING).order_by("pk"):
        said = hashlib.sha256(repr(sorted(params.items())).encode()).hexdigest()[:12]
        outbox.notify(
            row.person_id, "same_here.told",
            {"title": cause.title, "same_here": row.pk, **params},
            key=f"same_here:{row.pk}:told:{said}", now=now,
            subject=SameHere.SUBJECT, subject_id=row.pk,
        )  # fmt: skip


# ---- asking -------------------------------------------------------------------------------------


def ask_whether_it_works(cause: Cause, *, acting_user: User, now: dt.datetime) -> int:
    """Staff verified the fix: ask everybody who said "same here". Returns how many are asked.

    Who waits for a demand is asked by its round instead.
    """
    require_staff(cause.product_id, acting_user)
    if cause.state != CauseState.DELIVERED:
        raise WrongState(
            Problem(
                "state", _("The cause is not delivered yet."),
                _("Ask once its owner has delivered and you have verified it."), cause.ref,
            )
        )  # fmt: skip
    with transaction.atomic():
        waiting = _waiting_of(cause_id=cause.pk)
        outbox.job(ASK_ALL, {"cause_id": cause.pk}, key=f"ask:{cause.pk}:{cause.version}", now=now)
    return len(waiting)


def _waiting_of(**about: int) -> list[int]:
    rows = SameHere.objects.filter(state=SameHereState.WAITING, driver="", **about)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def ask_same_heres(now: dt.datetime, **about: int) -> int:
    """Ask each person who waits of a cause (`cause_id`) or ticket (`ticket_id`), one at a time."""
    asked = 0
    for pk in _waiting_of(**about):
        with transaction.atomic():
            row = events.lock(SameHere, pk)
            if row.state != SameHereState.WAITING or row.driver:
                continue
            events.change(
                row, "ask", actor_id=None, now=now,
                fields={"state": SameHereState.ASKED, "asked_at": now},
            )  # fmt: skip
            about_it = row.cause or row.ticket
            _tell(row, "asked", about_it.title if about_it is not None else "", now)
            asked += 1
    return asked


def ask_after_resolving(ticket: Ticket, *, now: dt.datetime) -> None:
    """A ticket was resolved as fixed: whoever said "same here" of it, or of its delivered cause,
    is asked; part of the caller's transaction."""
    cause = ticket.cause if ticket.cause_id else None
    if cause is not None and cause.state == CauseState.DELIVERED:
        about = {"cause_id": cause.pk}
    elif cause is None:
        about = {"ticket_id": ticket.pk}
    else:
        return
    if _waiting_of(**about):
        outbox.job(ASK_ALL, about, key=f"ask:resolved:{ticket.pk}:{ticket.version}", now=now)


def ask_after_delivery(cause: Cause, *, now: dt.datetime) -> None:
    """A delivered cause without an open ticket has nobody left to verify it: the people are asked.

    With one, they are asked when it is resolved. Part of the caller's transaction.
    """
    if Ticket.objects.filter(cause=cause).unresolved().exists():
        return
    if _waiting_of(cause_id=cause.pk):
        outbox.job(
            ASK_ALL, {"cause_id": cause.pk}, key=f"ask:delivered:{cause.pk}:{cause.version}",
            now=now,
        )  # fmt: skip


def expire_same_heres(now: dt.datetime) -> int:
    """End what nobody answered within the working days of a confirmation; counted apart."""
    calendar = WorkCalendar()
    ended = 0
    rows = SameHere.objects.filter(state=SameHereState.ASKED, asked_at__lt=now)
    for row in rows.order_by("pk"):
        if row.asked_at is None or not _silent_for_long(calendar, row.asked_at, now):
            continue
        with transaction.atomic():
            locked = events.lock(SameHere, row.pk)
            if locked.state == SameHereState.ASKED:
                _end(locked, "expire", SameHereState.EXPIRED, None, now)
                ended += 1
    return ended


def _silent_for_long(calendar: WorkCalendar, asked_at: dt.datetime, now: dt.datetime) -> bool:
    last = add_working_days(calendar, calendar.day_of(asked_at), AUTO_CONFIRM_DAYS)
    return calendar.day_of(now) > last


def drive_same_here(row: SameHere, driver: str, *, now: dt.datetime) -> SameHere:
    """A demand took the cause ("" gives it back): its rounds tell and ask this person from now."""
    with transaction.atomic():
        locked = events.lock(SameHere, row.pk)
        if locked.driver != driver:
            events.change(locked, "drive", actor_id=None, now=now, fields={"driver": driver})
    return locked
