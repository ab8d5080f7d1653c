"""Sessions: seats, waiting lists, moves and cancellations, checking in, the calendar file."""

from __future__ import annotations

import datetime as dt
from typing import Any

import icalendar
import pytest
from django.urls import reverse

from core.errors import NotAllowed, StaleWrite
from core.models import Event
from core.throttling import TooMany
from docs_portal import actions
from docs_portal.actions import SessionDraft
from docs_portal.choices import CourseForm, SeatState
from docs_portal.errors import SessionOver, WrongCode
from docs_portal.models import Completion, Seat
from docs_portal.policies.training import code_at, is_code
from opsdesk.demo.cast import Cast
from tests.docs_portal.courses import DAY, HOUR, MINUTE, by, course, deliver, told

pytestmark = pytest.mark.django_db
Clients = Any


def session_draft(cast: Cast, now: dt.datetime, **more: Any) -> SessionDraft:
    begins = now + 2 * DAY
    return SessionDraft(
        **{"starts_at": begins, "ends_at": begins + 2 * HOUR, "place": "三楼培训室", **more}
    )


def test_seats_run_out_and_the_next_in_line_gets_the_first_free_one(
    cast: Cast, now: dt.datetime
) -> None:
    row = actions.publish_course(course(cast, now), **by(cast.linzhixia, now))
    session = actions.plan_session(
        row, session_draft(cast, now, seats=1), **by(cast.linzhixia, now)
    )
    states = [
        actions.book_seat(session, **by(person, now + at * MINUTE)).state
        for at, person in enumerate((cast.wangke, cast.liuyang, cast.emma, cast.wangke))
    ]
    assert states == ["booked", "waiting", "waiting", "booked"]
    actions.give_up_seat(session, **by(cast.wangke, now + HOUR))
    assert Seat.objects.get(user=cast.liuyang).state == SeatState.BOOKED
    assert Seat.objects.get(user=cast.emma).state == SeatState.WAITING
    session.refresh_from_db()
    actions.edit_session(
        session, session_draft(cast, now, seats=2, place="二楼"), **by(cast.linzhixia, now + HOUR)
    )
    assert Seat.objects.get(user=cast.emma).state == SeatState.BOOKED
    deliver(now + 2 * HOUR)
    assert told("training.session_seat") == sorted((cast.liuyang.pk, cast.emma.pk))
    assert told("training.session_moved") == [cast.liuyang.pk]
    with pytest.raises(StaleWrite):
        actions.edit_session(
            session, session_draft(cast, now, seats=2, place="一楼"), seen_version=1,
            **by(cast.linzhixia, now + HOUR),
        )  # fmt: skip
    actions.cancel_session(session, **by(cast.linzhixia, now + 3 * HOUR))
    deliver(now + 4 * HOUR)
    assert told("training.session_cancelled") == sorted((cast.liuyang.pk, cast.emma.pk))
    with pytest.raises(SessionOver):
        actions.book_seat(session, **by(cast.zhaoyi, now + 5 * HOUR))


def test_checking_in_proves_attendance_with_a_code_that_changes(
    cast: Cast, now: dt.datetime
) -> None:
    row = actions.publish_course(course(cast, now), **by(cast.linzhixia, now))
    draft = session_draft(cast, now, seats=1, trainer=cast.shenyi)
    session = actions.plan_session(row, draft, **by(cast.linzhixia, now))
    actions.book_seat(session, **by(cast.wangke, now))
    begins = session.starts_at
    for early_or_stale, at in (
        (code_at(session.secret, now), now),
        (code_at(session.secret, begins), begins + 6 * MINUTE),
        ("AAAAAA", begins),
    ):
        with pytest.raises(WrongCode):
            actions.check_in(early_or_stale, **by(cast.wangke, at))
    typed = f" {code_at(session.secret, begins).lower()} "
    actions.check_in(typed, **by(cast.wangke, begins + 3 * MINUTE))
    # Somebody without a seat is in the room all the same.
    actions.check_in(code_at(session.secret, begins), **by(cast.emma, begins))
    done = set(Completion.objects.values_list("user_id", "seconds"))
    assert done == {(cast.wangke.pk, 7200), (cast.emma.pk, 7200)}
    actions.check_in(typed, **by(cast.wangke, begins + 4 * MINUTE))
    assert Event.objects.filter(subject="course_session", verb="check_in").count() == 2

    by_hand = actions.note_attended(session, [cast.liuyang], **by(cast.shenyi, begins + HOUR))
    assert by_hand[0].checked_in_by == cast.shenyi
    with pytest.raises(NotAllowed):
        actions.note_attended(session, [cast.zhaoyi], **by(cast.wangke, begins + HOUR))


def test_who_guesses_codes_waits(cast: Cast, now: dt.datetime) -> None:
    row = actions.publish_course(course(cast, now), **by(cast.linzhixia, now))
    session = actions.plan_session(row, session_draft(cast, now), **by(cast.linzhixia, now))
    begins = session.starts_at
    for _try in range(10):
        with pytest.raises(WrongCode):
            actions.check_in("AAAAAA", **by(cast.wangke, begins))
    right = code_at(session.secret, begins)
    with pytest.raises(TooMany):
        actions.check_in(right, **by(cast.wangke, begins))
    assert actions.check_in(right, **by(cast.emma, begins)).checked_in_at == begins


def test_codes_hold_for_minutes_and_differ_by_session(now: dt.datetime) -> None:
    code = code_at("a", now)
    assert is_code("a", code, now + 4 * MINUTE)
    assert not is_code("a", code, now + 6 * MINUTE)
    assert not is_code("b", code, now)


def test_the_calendar_file_is_the_session(cast: Cast, now: dt.datetime, client_of: Clients) -> None:
    row = actions.publish_course(course(cast, now), **by(cast.linzhixia, now))
    session = actions.plan_session(row, session_draft(cast, now), **by(cast.linzhixia, now))
    answer = client_of(cast.wangke).get(reverse("session_calendar", args=[session.pk]))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    event = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")[0]
    assert event.decoded("dtstart") == session.starts_at
    assert event.decoded("dtend") == session.ends_at
    assert (str(event["summary"]), str(event["location"])) == (row.title, "三楼培训室")


def test_the_address_to_join_by_is_for_who_has_a_seat(
    cast: Cast, now: dt.datetime, client_of: Clients
) -> None:
    row = actions.publish_course(course(cast, now, CourseForm.LIVE), **by(cast.linzhixia, now))
    draft = session_draft(cast, now, link="https://meet.example/secret", trainer=cast.shenyi)
    session = actions.plan_session(row, draft, **by(cast.linzhixia, now))
    actions.book_seat(session, **by(cast.wangke, now))
    told = {
        person.username: b"meet.example" in client_of(person).get(
            reverse("session_calendar", args=[session.pk])
        ).content
        for person in (cast.wangke, cast.emma, cast.shenyi)
    }  # fmt: skip
    assert told == {"wangke": True, "emma": False, "shenyi": True}
