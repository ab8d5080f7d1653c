"""Courses in four forms: asked of people, proved by evidence, asked again when they change."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import icalendar
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from catalog import actions as catalog_actions
from catalog.actions import except_role
from catalog.choices import ExceptionKind, PermissionRole
from core.errors import BadInput, NotAllowed, StaleWrite
from core.media import seconds_of
from core.models import Event, Notice, OutboxRow
from core.tasks import deliver_row
from core.throttling import TooMany
from docs_portal import actions
from docs_portal.actions import (
    AssignmentDraft,
    CourseDraft,
    PageDraft,
    RevisionDraft,
    RuleDraft,
    SessionDraft,
)
from docs_portal.choices import CourseForm, CourseStatus, EnrolmentSource, SeatState
from docs_portal.errors import NothingToLearn, RemindedToday, SessionOver, WrongCode, WrongStatus
from docs_portal.models import Completion, Course, Enrolment, Page, Seat, TrainingRule
from docs_portal.policies.training import code_at, is_code, reminder_day
from docs_portal.policies.watching import joined, seconds_in
from docs_portal.rendering.training import enrolments_shown, hits_of, progress_of
from opsdesk.demo.cast import Cast
from tests.docs_portal.videos import mp4, webm
from tickets import actions as tickets
from tickets.actions import TicketDraft

pytestmark = pytest.mark.django_db
Clients = Any
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def by(user: User, now: dt.datetime) -> dict[str, Any]:
    return {"acting_user": user, "now": now}


def deliver(now: dt.datetime) -> None:
    for _round in range(3):
        for row in OutboxRow.objects.filter(done_at=None, kind__in=("job", "notice")):
            deliver_row(row, now)


def told(kind: str) -> list[int]:
    return sorted(Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def course(cast: Cast, now: dt.datetime, form: str = CourseForm.ON_SITE, **more: Any) -> Course:
    draft = CourseDraft("拜访记录怎么写", form, product=cast.products["crm"], **more)
    return actions.create_course(draft, **by(cast.linzhixia, now))


def published_page(cast: Cast, now: dt.datetime, title: str, *roles: str) -> Page:
    draft = PageDraft(
        cast.products["crm"], title, f"# {title}\n\n正文。",
        roles=[cast.roles[role] for role in roles],
    )  # fmt: skip
    page = actions.create_page(draft, **by(cast.shenyi, now))
    return actions.publish_page(page, **by(cast.shenyi, now))


def revise(cast: Cast, page: Page, now: dt.datetime, *, is_material: bool) -> Page:
    page.refresh_from_db()
    number = page.revisions.order_by("-number")[0].number
    draft = RevisionDraft(page.title, f"新的正文 {number}。", number, is_material=is_material)
    actions.save_revision(page, draft, **by(cast.shenyi, now))
    page.refresh_from_db()
    return actions.publish_page(page, **by(cast.shenyi, now))


def read(page: Page, person: User, now: dt.datetime) -> None:
    page.refresh_from_db()
    actions.record_read(page, **by(person, now))


def waiting(row: Course) -> set[int]:
    return set(Enrolment.objects.waiting().filter(course=row).values_list("user_id", flat=True))


def test_a_document_course_asks_each_for_the_pages_of_their_role(
    cast: Cast, now: dt.datetime
) -> None:
    """Read in the material version: a rewording keeps the completion, a change of meaning asks
    again and keeps what was proved."""
    common = published_page(cast, now, "拜访的总则")
    mine = published_page(cast, now, "代表怎么填", "crm_representative")
    others = published_page(cast, now, "主管怎么审", "crm_director")
    row = course(cast, now, CourseForm.DOCUMENT, minutes=20)
    with pytest.raises(NothingToLearn):
        actions.publish_course(row, **by(cast.linzhixia, now))
    actions.set_course_pages(row, [common, mine, others], **by(cast.linzhixia, now))
    row = actions.publish_course(row, **by(cast.linzhixia, now))
    actions.assign_course(
        row, AssignmentDraft(departments=[cast.departments["sales"]], due_days=7),
        **by(cast.linzhixia, now),
    )  # fmt: skip
    deliver(now + MINUTE)
    assert told("training.assigned") == sorted((cast.wangke.pk, cast.liuyang.pk, cast.emma.pk))
    progress = progress_of(row, cast.liuyang, now.date())
    assert [step.label for step in progress.steps] == ["拜访的总则", "代表怎么填"]
    assert progress.for_others == 1

    read(common, cast.liuyang, now + HOUR)
    assert actions.settle_course(row, **by(cast.liuyang, now + HOUR)) is None
    read(mine, cast.liuyang, now + HOUR)
    assert actions.settle_reading(now + HOUR) == 1
    assert actions.settle_reading(now + HOUR) == 0
    done = Completion.objects.get(course=row)
    assert (done.user, done.content_version, done.seconds) == (cast.liuyang, 1, 1200)
    assert cast.liuyang.pk not in waiting(row)

    revise(cast, common, now + DAY, is_material=False)
    assert actions.follow_course_content(now + DAY) == 0
    revise(cast, mine, now + DAY, is_material=True)
    assert actions.follow_course_content(now + DAY) == 1
    assert actions.follow_course_content(now + DAY) == 0
    row.refresh_from_db()
    assert row.content_version == 2
    deliver(now + DAY)
    assert told("training.renewed") == [cast.liuyang.pk]
    assert cast.liuyang.pk in waiting(row)
    enrolment = Enrolment.objects.get(course=row, user=cast.liuyang)
    assert enrolment.due_on == (now + 15 * DAY).date()
    read(mine, cast.liuyang, now + 2 * DAY)
    actions.settle_reading(now + 2 * DAY)
    versions = Completion.objects.filter(user=cast.liuyang).values_list("content_version", "pk")
    assert dict(versions)[1] == done.pk
    assert set(dict(versions)) == {1, 2}


def test_who_has_no_page_of_it_is_never_done_by_doing_nothing(cast: Cast, now: dt.datetime) -> None:
    page = published_page(cast, now, "主管怎么审", "crm_director")
    row = course(cast, now, CourseForm.DOCUMENT)
    actions.set_course_pages(row, [page], **by(cast.linzhixia, now))
    row = actions.publish_course(row, **by(cast.linzhixia, now))
    actions.join_course(row, **by(cast.zhaoyi, now))
    assert actions.settle_course(row, **by(cast.zhaoyi, now)) is None
    # The role comes, and with it the page.
    role = cast.roles["crm_director"]
    except_role(cast.zhaoyi, role, ExceptionKind.ALSO, now.date(), None, **by(cast.admin, now))
    read(page, cast.zhaoyi, now)
    assert actions.settle_course(row, **by(cast.zhaoyi, now)) is not None


def video_course(cast: Cast, now: dt.datetime, *seconds: float) -> Course:
    row = course(cast, now, CourseForm.VIDEO)
    files = [
        SimpleUploadedFile(f"第{i}段.mp4", mp4(length), "video/mp4")
        for i, length in enumerate(seconds)
    ]
    actions.add_course_videos(row, files, **by(cast.linzhixia, now))
    return actions.publish_course(row, **by(cast.linzhixia, now))


def test_a_video_is_watched_from_nine_tenths_on_and_never_by_claiming_it(
    cast: Cast, now: dt.datetime
) -> None:
    row = video_course(cast, now, 600)
    video = row.videos.get()
    assert video.seconds == 600
    actions.join_course(row, **by(cast.wangke, now))

    def watched(minutes: float, *parts: tuple[float, float]) -> float:
        at = now + minutes * MINUTE
        return actions.record_course_watched(video, list(parts), **by(cast.wangke, at)).seconds

    assert watched(0) == 0
    with pytest.raises(BadInput):
        watched(0.1, (0, 600))
    assert watched(4, (0, 200)) == 200
    # The same part again is no more of it.
    assert watched(8, (0, 200), (100, 260)) == 260
    assert not Completion.objects.exists()
    assert watched(14, (280, 560)) == pytest.approx(540, abs=1)
    done = Completion.objects.get(course=row, user=cast.wangke)
    assert done.evidence == {"videos": [[video.pk, 540.0]]}


def test_a_video_without_a_length_is_refused_by_name(cast: Cast, now: dt.datetime) -> None:
    row = course(cast, now, CourseForm.VIDEO)
    good = SimpleUploadedFile("好.webm", webm(61.5), "video/webm")
    for bad in (
        SimpleUploadedFile("没头.mp4", mp4(10)[:30]),
        SimpleUploadedFile("假的.mp4", b"<html>" * 10),
        SimpleUploadedFile("文档.pdf", b"%PDF-1.7"),
    ):
        with pytest.raises(BadInput) as refused:
            actions.add_course_videos(row, [good, bad], **by(cast.linzhixia, now))
        assert refused.value.problems[0].field == "videos"
        assert str(bad.name) in str(refused.value.problems[0].message)
    assert not row.videos.exists()
    kept = actions.add_course_videos(row, [good], **by(cast.linzhixia, now))
    assert kept[0].seconds == 61.5


@given(st.binary(max_size=400), st.sampled_from([b"", mp4(5)[:20], webm(5)[:30]]))
def test_no_bytes_break_the_reading_of_a_length(tail: bytes, head: bytes) -> None:
    found = seconds_of(io.BytesIO(head + tail))
    assert found is None or 0 < found <= 86400


@given(
    st.lists(st.tuples(st.integers(-20, 200), st.integers(-20, 200)), max_size=40),
    st.integers(1, 150),
)
def test_parts_are_joined_as_a_set_of_seconds(parts: list[tuple[int, int]], length: int) -> None:
    """Against the plain way: a set of the seconds, with gaps of at most one filled."""
    known = {s for start, stop in parts for s in range(max(start, 0), min(stop, length))}
    filled = known | {s for s in range(length) if s - 1 in known and s + 1 in known}
    found = joined(parts, length)
    assert seconds_in(found) == len(filled)
    assert joined(found, length) == found


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


def test_an_assignment_follows_who_comes_and_goes(cast: Cast, now: dt.datetime) -> None:
    row = actions.publish_course(course(cast, now), **by(cast.linzhixia, now))
    director = cast.roles["crm_director"]
    assignment = actions.assign_course(
        row, AssignmentDraft(roles=[director], people=[cast.hesiyuan], due_days=10),
        **by(cast.linzhixia, now),
    )  # fmt: skip
    deliver(now)
    assert waiting(row) == {cast.wangke.pk, cast.hesiyuan.pk}
    later = now + 3 * DAY
    except_role(
        cast.zhaoyi, director, ExceptionKind.ALSO, later.date(), None, **by(cast.admin, later)
    )
    except_role(
        cast.wangke, director, ExceptionKind.NOT, later.date(), None, **by(cast.admin, later)
    )
    assert actions.enrol_audience(assignment.pk, now=later) == 1
    assert waiting(row) == {cast.zhaoyi.pk, cast.hesiyuan.pk}
    assert Enrolment.objects.get(user=cast.zhaoyi).due_on == (later + 10 * DAY).date()
    actions.end_assignment(assignment, **by(cast.linzhixia, later))
    assert waiting(row) == set()
    for nobody in (
        AssignmentDraft(),
        AssignmentDraft(people=[cast.emma], due_on=dt.date(2020, 1, 1)),
    ):
        with pytest.raises(BadInput):
            actions.assign_course(row, nobody, **by(cast.linzhixia, later))
    with pytest.raises(NotAllowed):
        actions.assign_course(row, AssignmentDraft(people=[cast.emma]), **by(cast.wangke, later))


def test_reminders_go_out_by_themselves_and_by_hand_once_a_day(
    cast: Cast, now: dt.datetime
) -> None:
    due = (now + 10 * DAY).date()
    days = [reminder_day(due, due + dt.timedelta(days=n)) for n in (-4, -3, -1, 0, 6, 7, 200)]
    week = dt.timedelta(weeks=1)
    assert days == [
        None, due - 3 * DAY, due - 3 * DAY, due, due, due + week, due + 4 * week,
    ]  # fmt: skip
    row = actions.publish_course(course(cast, now), **by(cast.linzhixia, now))
    actions.assign_course(
        row, AssignmentDraft(people=[cast.wangke, cast.emma], due_on=due), **by(cast.linzhixia, now)
    )
    deliver(now)
    sent = [actions.remind_due(now + n * DAY) for n in range(12)]
    assert sent == [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 2, 0]
    later = now + 12 * DAY
    assert actions.remind_course(row, **by(cast.linzhixia, later)) == 2
    with pytest.raises(RemindedToday):
        actions.remind_course(row, **by(cast.linzhixia, later + HOUR))
    enrolment = Enrolment.objects.get(user=cast.emma)
    actions.excuse_from_course(enrolment, "休产假", **by(cast.linzhixia, later))
    assert actions.remind_course(row, **by(cast.linzhixia, later + DAY)) == 1
    shown = enrolments_shown(row, User.objects.all(), later.date())
    assert {name: rows.count() for name, rows in shown.items()} == {
        "asked": 1, "completed": 0, "waiting": 1, "overdue": 1, "excused": 1,
    }  # fmt: skip


def reject(cast: Cast, person: User, now: dt.datetime, *, confidential: bool = False) -> Any:
    draft = TicketDraft(cast.products["crm"], "打不开")
    ticket = tickets.submit_ticket(draft, **by(person, now))
    if confidential:
        tickets.edit_ticket(ticket, {"confidential": True}, **by(cast.gaoyuan, now))
    return tickets.reject_ticket(ticket, "不是问题", **by(cast.linzhixia, now))


def test_a_rule_assigns_to_whom_it_keeps_happening(cast: Cast, now: dt.datetime) -> None:
    """What the preview shows is who is asked; taken-back, confidential and old ones count not."""
    row = actions.publish_course(course(cast, now), **by(cast.linzhixia, now))
    rule = actions.create_training_rule(
        row, RuleDraft("ticket_rejected", threshold=2, days=30, due_days=5),
        **by(cast.linzhixia, now),
    )  # fmt: skip
    for day in (1, 2):
        reject(cast, cast.wangke, now + day * DAY)
    reject(cast, cast.emma, now - 40 * DAY)
    reject(cast, cast.emma, now + DAY)
    reject(cast, cast.liuyang, now + DAY)
    tickets.restore_ticket(
        reject(cast, cast.liuyang, now + DAY), **by(cast.linzhixia, now + 2 * DAY)
    )
    later = now + 3 * DAY
    hits = hits_of(rule, later)
    assert [(hit.person, hit.times, hit.would_be_asked) for hit in hits] == [(cast.wangke, 2, True)]
    assert actions.run_training_rules(later) == 0, "it is off"
    actions.switch_training_rule(rule, True, **by(cast.linzhixia, later))
    assert actions.run_training_rules(later) == 1
    assert actions.run_training_rules(later) == 0
    enrolment = Enrolment.objects.get(course=row)
    assert (enrolment.user, enrolment.source, enrolment.times, enrolment.due_on) == (
        cast.wangke, EnrolmentSource.RULE, 2, (later + 5 * DAY).date(),
    )  # fmt: skip
    assert not hits_of(rule, later)[0].would_be_asked
    deliver(later + MINUTE)
    assert told("training.assigned") == [cast.wangke.pk]
    for bad in (RuleDraft("no_such", 2, 30, 5), RuleDraft("ticket_rejected", 0, 30, 5)):
        with pytest.raises(BadInput):
            actions.create_training_rule(row, bad, **by(cast.linzhixia, now))


def test_a_declined_push_is_charged_to_who_pushed_and_named_to_managers_only(
    cast: Cast, now: dt.datetime, client_of: Clients
) -> None:
    row = actions.publish_course(course(cast, now), **by(cast.linzhixia, now))
    for _turn in range(2):
        cause = tickets.open_cause(
            title="照片传不上去", product=cast.products["crm"], module=cast.modules["visits"],
            **by(cast.zhoumin, now),
        )  # fmt: skip
        tickets.push_cause(cause, cast.hesiyuan, **by(cast.zhoumin, now))
        tickets.decline_cause(cause, "incomplete", "缺日志", **by(cast.hesiyuan, now + MINUTE))
    rule = TrainingRule(course=row, trouble="push_declined", threshold=2, days=30)
    assert [(hit.person, hit.times) for hit in hits_of(rule, now + HOUR)] == [(cast.zhoumin, 2)]
    url = reverse("training_rule_preview", args=[row.pk])
    asked = {"trouble": "push_declined", "threshold": "2", "days": "365"}
    writer = client_of(cast.linzhixia).post(url, asked).content.decode()
    assert "周敏" not in writer
    catalog_actions.grant_role(cast.linzhixia, PermissionRole.MANAGER, **by(cast.admin, now))
    manager = client_of(cast.linzhixia).post(url, asked).content.decode()
    assert "周敏" in manager


def test_pages_show_each_person_their_own_and_nobody_a_stranger(
    cast: Cast, now: dt.datetime, client_of: Clients
) -> None:
    hidden = course(cast, now, is_open=False)
    hidden = actions.publish_course(hidden, **by(cast.linzhixia, now))
    for_east = actions.create_course(
        CourseDraft("华东专场", CourseForm.ON_SITE, product=cast.products["crm"],
                    departments=[cast.departments["east"]]),
        **by(cast.linzhixia, now),
    )  # fmt: skip
    for_east = actions.publish_course(for_east, **by(cast.linzhixia, now))
    wangke, emma = client_of(cast.wangke), client_of(cast.emma)
    assert "华东专场" in wangke.get("/training/").content.decode()
    assert "华东专场" not in emma.get("/training/").content.decode()
    assert wangke.get(f"/training/{for_east.pk}/").status_code == 200
    assert emma.get(f"/training/{for_east.pk}/").status_code == 404
    assert wangke.get(f"/training/{hidden.pk}/").status_code == 404
    assert emma.post(f"/training/{for_east.pk}/join/").status_code == 404
    with pytest.raises(NotAllowed):
        actions.join_course(hidden, **by(cast.wangke, now))
    assert client_of(cast.gaoyuan).get(f"/training/{for_east.pk}/people/").status_code == 200
    assert wangke.get(f"/training/{for_east.pk}/people/").status_code == 403


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


def test_a_player_reports_over_the_web_and_gets_the_bytes_it_asks_for(
    cast: Cast, now: dt.datetime, client_of: Clients
) -> None:
    row = video_course(cast, now, 40)
    video = row.videos.get()
    client = client_of(cast.wangke)
    bytes_ = client.get(
        reverse("course_video", args=[video.pk, video.name]), headers={"Range": "bytes=4-7"}
    )
    assert (bytes_.status_code, b"".join(bytes_.streaming_content)) == (206, b"ftyp")
    url = reverse("course_watched", args=[video.pk])
    assert client.post(url, {"parts": "[]"}).json() == {"percent": 0, "parts": []}
    assert client.post(url, {"parts": "[[0, 38]]"}).json()["percent"] == 95
    for bad in ("[[0]]", "nonsense", '[["a", 1]]', "[[1e400, 3]]", "null"):
        refused = client.post(url, {"parts": bad})
        assert refused.status_code == 422, bad
        assert refused.json()["problems"][0]


def test_retired_and_draft_courses_ask_nobody(cast: Cast, now: dt.datetime) -> None:
    row = course(cast, now)
    actions.assign_course(row, AssignmentDraft(people=[cast.wangke]), **by(cast.linzhixia, now))
    deliver(now)
    assert not Enrolment.objects.exists()
    row = actions.publish_course(row, **by(cast.linzhixia, now))
    deliver(now)
    assert waiting(row) == {cast.wangke.pk}
    row = actions.retire_course(row, **by(cast.linzhixia, now))
    assert row.status == CourseStatus.RETIRED
    assert waiting(row) == set()
    with pytest.raises(WrongStatus):
        actions.join_course(row, **by(cast.emma, now))
