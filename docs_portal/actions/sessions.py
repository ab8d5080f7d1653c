"""Sessions of live and on-site courses: seats, the waiting list, checking in."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events, outbox
from core.changes import check_fields
from core.errors import BadInput, Problem
from core.throttling import count_one
from docs_portal.actions.completing import complete_by_session
from docs_portal.actions.courses import require_form, require_status, require_training
from docs_portal.actions.enrolling import join_course
from docs_portal.choices import WITH_SESSIONS, CourseForm, CourseStatus, SeatState
from docs_portal.errors import SessionOver, WrongCode
from docs_portal.models import Course, CourseSession, Seat
from docs_portal.policies.training import CHECK_IN_AFTER, CHECK_IN_BEFORE, is_code

LONGEST = dt.timedelta(days=14)
#: What a session's planner sets.
FIELDS = ("starts_at", "ends_at", "place", "link", "seats", "trainer_id")
#: Codes one person may try in a minute: typing it wrong, not guessing.
TRIES_A_MINUTE = 10
#: Changes of these are told to everybody who holds a seat.
TOLD = ("starts_at", "ends_at", "place", "link")


@dataclass(frozen=True)
class SessionDraft:
    """When, where, for how many. `seats` None: no limit."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    place: str = ""
    link: str = ""
    seats: int | None = None
    trainer: User | None = None

    def columns(self) -> dict[str, Any]:
        """The fields of the row by column."""
        return {
            "starts_at": self.starts_at, "ends_at": self.ends_at, "place": self.place.strip(),
            "link": self.link.strip(), "seats": self.seats,
            "trainer_id": self.trainer.pk if self.trainer else None,
        }  # fmt: skip


def plan_session(
    course: Course, draft: SessionDraft, *, acting_user: User, now: dt.datetime
) -> CourseSession:
    """A session people may book. Raises BadInput, NotAllowed, WrongStatus for other forms."""
    require_training(acting_user, course.product_id)
    require_form(course, *WITH_SESSIONS)
    row = CourseSession(
        course=course, **draft.columns(), secret=secrets.token_urlsafe(24), created_at=now
    )
    _check(row, course, now)
    events.create(row, "plan", actor_id=acting_user.pk, now=now)
    return row


def edit_session(
    session: CourseSession,
    draft: SessionDraft,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> CourseSession:
    """Move it, or make it larger or smaller; who has a seat is told of a new time or place and
    keeps it. More seats go to the waiting list. Raises BadInput, SessionOver, StaleWrite.
    """
    require_training(acting_user, session.course.product_id)
    columns = draft.columns()
    with transaction.atomic():
        row = events.lock(CourseSession, session.pk)
        _require_coming(row, now)
        events.check_unchanged(row, seen_version, columns)
        changed = {name: value for name, value in columns.items() if getattr(row, name) != value}
        if not changed:
            return row
        wanted = CourseSession(**{f.attname: getattr(row, f.attname) for f in row._meta.fields})
        for name, value in changed.items():
            setattr(wanted, name, value)
        _check(wanted, session.course, now)
        event = events.change(row, "edit", actor_id=acting_user.pk, now=now, fields=changed)
        if any(name in TOLD for name in changed):
            _tell(row, _holders(row), "moved", event.version, now)
        _move_up(row, now)
    return row


def cancel_session(
    session: CourseSession, reason: str = "", *, acting_user: User, now: dt.datetime
) -> CourseSession:
    """It does not take place; everybody with a seat or waiting is told. Raises SessionOver."""
    require_training(acting_user, session.course.product_id)
    with transaction.atomic():
        row = events.lock(CourseSession, session.pk)
        _require_coming(row, now)
        event = events.change(
            row, "cancel", actor_id=acting_user.pk, now=now, fields={"is_cancelled": True},
            data={"reason": reason.strip()[:200]},
        )  # fmt: skip
        outbox.withdraw(f"session:{row.pk}:", now=now)
        people = list(row.taken.exclude(state=SeatState.GIVEN_UP).values_list("user_id", flat=True))
        _tell(row, people, "cancelled", event.version, now)
    return row


def book_seat(session: CourseSession, *, acting_user: User, now: dt.datetime) -> Seat:
    """A seat, or a place on the waiting list where none is free; the course is joined with it.

    Raises SessionOver for one that has begun or is cancelled.
    """
    with transaction.atomic():
        row = events.lock(CourseSession, session.pk)
        _require_coming(row, now)
        course = session.course
        join_course(course, acting_user=acting_user, now=now)
        seat = row.taken.filter(user=acting_user).first()
        if seat is not None and seat.state != SeatState.GIVEN_UP:
            return seat
        state = SeatState.BOOKED if free_seats(row) != 0 else SeatState.WAITING
        seat, _is_new = Seat.objects.update_or_create(
            session=row, user=acting_user, defaults={"state": state, "asked_at": now}
        )
        events.change(
            row, "book", actor_id=acting_user.pk, now=now,
            data={"user_id": acting_user.pk, "state": state},
        )  # fmt: skip
    return seat


def give_up_seat(session: CourseSession, *, acting_user: User, now: dt.datetime) -> None:
    """Somebody else may have it: whoever waits longest gets it and is told. Raises SessionOver."""
    with transaction.atomic():
        row = events.lock(CourseSession, session.pk)
        _require_coming(row, now)
        given = row.taken.filter(user=acting_user).exclude(state=SeatState.GIVEN_UP)
        if not given.update(state=SeatState.GIVEN_UP):
            return
        events.change(
            row, "give_up", actor_id=acting_user.pk, now=now, data={"user_id": acting_user.pk}
        )
        _move_up(row, now)


def check_in(code: str, *, acting_user: User, now: dt.datetime) -> Seat:
    """The person is there: the code was on the screen within the last minutes. Who came without a
    seat gets one, as they are in the room. Raises WrongCode naming what was typed, TooMany for
    who only guesses.
    """
    count_one("check-in", str(acting_user.pk), limit=TRIES_A_MINUTE, seconds=60)
    near = CourseSession.objects.filter(
        starts_at__lte=now + CHECK_IN_BEFORE, ends_at__gte=now - CHECK_IN_AFTER,
        is_cancelled=False, course__status=CourseStatus.PUBLISHED,
    )  # fmt: skip
    for session in near.select_related("course"):
        if is_code(session.secret, code, now):
            return _attend(session, [acting_user.pk], None, acting_user, now)[0]
    raise WrongCode(
        Problem(
            "code", _("No session shows this code now."),
            _("Codes change every minute; type the one on the screen."), code[:20],
        )
    )  # fmt: skip


def note_attended(
    session: CourseSession, people: list[User], *, acting_user: User, now: dt.datetime
) -> list[Seat]:
    """The trainer says who was there, for phones without power. Raises SessionOver before it
    begins, NotAllowed.
    """
    if acting_user.pk != session.trainer_id:
        require_training(acting_user, session.course.product_id)
    require_status(session.course, CourseStatus.PUBLISHED, CourseStatus.RETIRED)
    if session.is_cancelled or now < session.starts_at - CHECK_IN_BEFORE:
        raise SessionOver(
            Problem("", _("The session has not begun, or is cancelled."),
                    _("Note who came when it has begun."))
        )  # fmt: skip
    return _attend(session, [person.pk for person in people], acting_user, acting_user, now)


def _attend(
    session: CourseSession, people: list[int], by: User | None, acting_user: User, now: dt.datetime
) -> list[Seat]:
    with transaction.atomic():
        row = events.lock(CourseSession, session.pk)
        seats, fresh = [], []
        for user_id in people:
            seat, _is_new = Seat.objects.get_or_create(
                session=row, user_id=user_id,
                defaults={"state": SeatState.BOOKED, "asked_at": now},
            )  # fmt: skip
            if seat.checked_in_at is None:
                seat.state, seat.checked_in_at, seat.checked_in_by = SeatState.BOOKED, now, by
                seat.save(update_fields=["state", "checked_in_at", "checked_in_by"])
                fresh.append(user_id)
            seats.append(seat)
        if fresh:
            events.change(row, "check_in", actor_id=acting_user.pk, now=now, data={"users": fresh})
            complete_by_session(row, fresh, now=now)
    return seats


def remind_sessions(now: dt.datetime) -> int:
    """Tell who holds a seat the day before; the key of the notice makes it once. Returns how many
    sessions are near.
    """
    near = CourseSession.objects.filter(
        starts_at__gt=now, starts_at__lte=now + dt.timedelta(days=1), is_cancelled=False
    )
    for row in near.select_related("course"):
        _tell(row, _holders(row), "tomorrow", int(row.starts_at.timestamp()), now)
    return len(near)


def free_seats(session: CourseSession) -> int | None:
    """Seats that nobody has; None without a limit. Who came without a seat takes one."""
    if session.seats is None:
        return None
    booked = session.taken.filter(state=SeatState.BOOKED).count()
    return max(session.seats - booked, 0)


def _move_up(row: CourseSession, now: dt.datetime) -> None:
    """Free seats go to who waits longest."""
    free = free_seats(row)
    waiting = row.taken.filter(state=SeatState.WAITING).order_by("asked_at", "pk")
    chosen = list(waiting if free is None else waiting[:free])
    Seat.objects.filter(pk__in=[seat.pk for seat in chosen]).update(state=SeatState.BOOKED)
    _tell(row, [seat.user_id for seat in chosen], "seat", row.version, now)


def _holders(row: CourseSession) -> list[int]:
    booked = row.taken.filter(state=SeatState.BOOKED, checked_in_at=None)
    return list(booked.order_by("asked_at").values_list("user_id", flat=True))


def _tell(row: CourseSession, people: list[int], what: str, mark: int, now: dt.datetime) -> None:
    params = {
        "course": row.course_id, "session": row.pk, "title": row.course.title, "what": what,
        "starts_at": row.starts_at.isoformat(), "place": row.place,
    }  # fmt: skip
    for user_id in people:
        outbox.notify(
            user_id, f"training.session_{what}", params, key=f"session:{row.pk}:{what}:{mark}",
            now=now, subject=CourseSession.SUBJECT, subject_id=row.pk,
        )  # fmt: skip


def _require_coming(row: CourseSession, now: dt.datetime) -> None:
    if row.is_cancelled or row.starts_at <= now:
        raise SessionOver(
            Problem(
                "starts_at", _("The session has begun, or is cancelled."),
                _("Choose another one."), str(row.starts_at),
            )
        )  # fmt: skip


def _check(row: CourseSession, course: Course, now: dt.datetime) -> None:
    """Refuse times, places and numbers that could not hold. Raises BadInput naming each."""
    check_fields(row, ("place", "link", "seats"))
    problems = []
    if row.starts_at <= now:
        problems.append(
            Problem("starts_at", _("This time is over."), _("Choose a later one."),
                    str(row.starts_at))
        )  # fmt: skip
    if not dt.timedelta(0) < row.ends_at - row.starts_at <= LONGEST:
        problems.append(
            Problem("ends_at", _("It has to end after it begins, within two weeks."),
                    _("Choose another end."), str(row.ends_at))
        )  # fmt: skip
    if course.form == CourseForm.ON_SITE and not row.place:
        problems.append(Problem("place", _("The place is missing."), _("Say where it is held.")))
    if course.form == CourseForm.LIVE and not row.link:
        problems.append(
            Problem("link", _("The link is missing."), _("Paste the address people join by."))
        )
    if row.link and urlsplit(row.link).scheme not in ("http", "https"):
        problems.append(
            Problem("link", _("This is no address of a page."), _("Begin with https://"), row.link)
        )
    if row.seats == 0:
        problems.append(
            Problem("seats", _("A session without seats has nobody."),
                    _("Give at least 1, or leave it empty."), "0")
        )  # fmt: skip
    if problems:
        raise BadInput(*problems)
