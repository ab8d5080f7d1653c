"""What the guards need of training: courses in each form, seats, rules; forms; deeds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from docs_portal import actions as docs
from docs_portal.actions import AssignmentDraft, CourseDraft, RuleDraft, SessionDraft
from docs_portal.choices import CourseForm
from docs_portal.models import (
    Course,
    CourseAssignment,
    CourseSession,
    CourseVideo,
    Enrolment,
    TrainingRule,
)
from docs_portal.policies.training import code_at
from tests.docs_portal.videos import mp4
from tickets import actions as tickets

if TYPE_CHECKING:
    from tests.guards.places import Route
    from tests.guards.world import World

Data = dict[str, Any]
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
READING, WATCHING, HELD, DRAFT = "拜访三页", "报销一段", "结账实操", "草稿课程"
DOWNSTAIRS = "一楼"


def build(world: World) -> None:
    """One to read (assigned, with a rule), one to watch, one held with a seat, a draft."""
    cast, said = world.cast, _by(world)
    reading = _made(world, READING, CourseForm.DOCUMENT)
    docs.set_course_pages(reading, [world.pages["everybody"]], **said)
    reading = docs.publish_course(reading, **said)
    docs.assign_course(reading, AssignmentDraft(people=[cast.wangke], due_days=7), **said)
    docs.join_course(reading, acting_user=cast.liuyang, now=said["now"])
    docs.create_training_rule(reading, RuleDraft("ticket_rejected", 2), **said)
    watching = _made(world, WATCHING, CourseForm.VIDEO)
    docs.add_course_videos(watching, [SimpleUploadedFile("报销.mp4", mp4(20))], **said)
    docs.publish_course(watching, **said)
    held = docs.publish_course(_made(world, HELD, CourseForm.ON_SITE), **said)
    session = docs.plan_session(held, _times(world), **said)
    docs.book_seat(session, acting_user=cast.wangke, now=said["now"])
    soon = world.now + dt.timedelta(minutes=10)
    docs.plan_session(held, SessionDraft(soon, soon + 3 * HOUR, DOWNSTAIRS, seats=40), **said)
    _made(world, DRAFT, CourseForm.DOCUMENT)


def _made(world: World, title: str, form: str) -> Course:
    draft = CourseDraft(title, form, product=world.cast.products["crm"])
    return docs.create_course(draft, **_by(world))


def _by(world: World, name: str = "linzhixia") -> Data:
    return {"acting_user": world.cast.people[name], "now": world.now}


def _asked(world: World, name: str = "linzhixia") -> Data:
    return {**_by(world, name), "now": world.now + HOUR}


def _times(world: World) -> SessionDraft:
    begins = world.now + 5 * DAY
    return SessionDraft(begins, begins + dt.timedelta(hours=2), "三楼", seats=5)


def course(title: str = READING) -> Course:
    return Course.objects.select_related("product").get(title=title)


def session(place: str = "三楼") -> CourseSession:
    return CourseSession.objects.select_related("course").get(place=place)


def _code_on_the_screen() -> str:
    """Of the session people are coming to now."""
    return code_at(session(DOWNSTAIRS).secret, timezone.now())


def _video() -> CourseVideo:
    return CourseVideo.objects.select_related("course", "file").get()


def _one(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    if route.name in ("course_edit", "course_people"):
        return {"": (course().pk,), "draft": (course(DRAFT).pk,)}
    if route.name == "course_publish":
        return {"draft": (course(DRAFT).pk,)}
    if route.name in ("course", "api_course"):
        return {
            "": (course().pk,), "video": (course(WATCHING).pk,), "held": (course(HELD).pk,),
            "draft": (course(DRAFT).pk,),
        }  # fmt: skip
    return {"": (course().pk,)}


def _session_cases(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    return {"": ((course(HELD).pk if route.name == "session_new" else session().pk),)}


ARGUMENTS: dict[str, Callable[[Any, Any], Mapping[str, tuple[Any, ...]]]] = {
    "course": _one,
    "course_video": lambda world, route: {"": (_video().pk, "报销.mp4")},
    "course_watched": lambda world, route: {"": (_video().pk,)},
    "api_course": _one,
    "api_course_watched": lambda world, route: {"": (_video().pk,)},
    "api_session_": lambda world, route: {"": (session().pk,)},
    "course_video_remove": lambda world, route: {"": (course(WATCHING).pk, _video().pk)},
    "assignment_end": lambda world, route: {"": (CourseAssignment.objects.get().pk,)},
    "enrolment_excuse": lambda world, route: {
        "": (Enrolment.objects.get(user=world.cast.liuyang).pk,)
    },
    "session": _session_cases,
    "training_rule_": lambda world, route: {"": (TrainingRule.objects.get().pk,)},
    "training_rule_new": _one,
    "training_rule_preview": _one,
}
_NUMBERS: Data = {"trouble": "ticket_rejected", "threshold": 2, "days": 30, "due_days": 14}


def _planned(world: World) -> Data:
    begins = world.now + 6 * DAY
    return {
        "starts_at": f"{begins:%Y-%m-%dT%H:%M}",
        "ends_at": f"{begins + dt.timedelta(hours=2):%Y-%m-%dT%H:%M}", "place": "二楼",
    }  # fmt: skip


FORMS: dict[str, Callable[[Any], Data]] = {
    "course_new": lambda w: {
        "title": "新课程",
        "form": "document",
        "minutes": 10,
        "product": w.cast.products["crm"].pk,
    },
    "course_edit": lambda w: {
        "title": "改名",
        "minutes": 10,
        "is_open": "on",
        "pages": [w.pages["everybody"].pk],
    },
    "course_join": lambda w: {},
    "course_leave": lambda w: {},
    "course_publish": lambda w: {},
    "course_retire": lambda w: {},
    "course_renew": lambda w: {"note": "换了入口"},
    "course_assign": lambda w: {"departments": [w.cast.departments["east"].pk], "due_days": 7},
    "course_reach": lambda w: {"departments": [w.cast.departments["east"].pk]},
    "course_remind": lambda w: {},
    "course_video_remove": lambda w: {},
    "course_watched": lambda w: {"parts": "[]"},
    "assignment_end": lambda w: {},
    "enrolment_excuse": lambda w: {"reason": "休假"},
    "session_new": _planned,
    "session_edit": _planned,
    "session_cancel": lambda w: {},
    "session_attend": lambda w: {"people": [w.cast.wangke.pk]},
    "session_book": lambda w: {},
    "session_give_up": lambda w: {},
    "check_in": lambda w: {"code": _code_on_the_screen()},
    "training_rule_new": lambda w: _NUMBERS,
    "training_rule_edit": lambda w: _NUMBERS,
    "training_rule_preview": lambda w: _NUMBERS,
    "training_rule_switch": lambda w: {"on": "1"},
}
API_BODIES: dict[str, Callable[[Any], Data]] = {
    "api_course_join": lambda w: {},
    "api_course_leave": lambda w: {},
    "api_session_book": lambda w: {},
    "api_session_give_up": lambda w: {},
    "api_course_watched": lambda w: {"parts": []},
    "api_training_check_in": lambda w: {"code": _code_on_the_screen()},
}


def _held_now(world: World) -> CourseSession:
    """The session takes place at the time of the deed."""
    now: dt.datetime = _asked(world)["now"]
    CourseSession.objects.update(starts_at=now - dt.timedelta(minutes=5), ends_at=now + HOUR)
    return session()


def _rule_that_hits(world: World) -> dt.datetime:
    """A ticket of 王珂 is rejected, and once is enough."""
    TrainingRule.objects.update(is_active=True, threshold=1)
    tickets.reject_ticket(world.tickets["new"], "不是问题", **_asked(world))
    now: dt.datetime = _asked(world)["now"]
    return now


def _rule() -> TrainingRule:
    return TrainingRule.objects.select_related("course").get()


DEEDS: dict[str, Callable[[Any, Any], object]] = {
    "create_course": lambda w, act: act(
        CourseDraft("新课程", product=w.cast.products["crm"]), **_asked(w)
    ),
    "edit_course": lambda w, act: act(
        course(), CourseDraft("改名", product=w.cast.products["crm"]), **_asked(w)
    ),
    "set_course_pages": lambda w, act: act(course(DRAFT), [w.pages["everybody"]], **_asked(w)),
    "add_course_videos": lambda w, act: act(
        course(WATCHING), [SimpleUploadedFile("二.mp4", mp4(30))], **_asked(w)
    ),
    "remove_course_video": lambda w, act: act(_second_video(w), **_asked(w)),
    "publish_course": lambda w, act: act(_with_page(w), **_asked(w)),
    "retire_course": lambda w, act: act(course(), **_asked(w)),
    "renew_course": lambda w, act: act(course(), "换了入口", **_asked(w)),
    "follow_course_content": lambda w, act: act(_page_moved_on(w)),
    "assign_course": lambda w, act: act(
        course(), AssignmentDraft(people=[w.cast.emma]), **_asked(w)
    ),
    "end_assignment": lambda w, act: act(CourseAssignment.objects.get(), **_asked(w)),
    "create_training_rule": lambda w, act: act(course(), RuleDraft("ticket_rejected"), **_asked(w)),
    "edit_training_rule": lambda w, act: act(_rule(), RuleDraft("ticket_rejected", 9), **_asked(w)),
    "switch_training_rule": lambda w, act: act(_rule(), True, **_asked(w)),
    "excuse_from_course": lambda w, act: act(
        Enrolment.objects.get(user=w.cast.liuyang), "休假", **_asked(w)
    ),
    "remind_course": lambda w, act: act(course(), **_asked(w)),
    "plan_session": lambda w, act: act(course(HELD), _times(w), **_asked(w)),
    "edit_session": lambda w, act: act(
        session(), SessionDraft(w.now + 8 * DAY, w.now + 9 * DAY, "二楼"), **_asked(w)
    ),
    "cancel_session": lambda w, act: act(session(), **_asked(w)),
    "book_seat": lambda w, act: act(session(), **_asked(w, "emma")),
    "give_up_seat": lambda w, act: act(session(), **_asked(w, "wangke")),
    "check_in": lambda w, act: act(
        code_at(_held_now(w).secret, _asked(w)["now"]), **_asked(w, "wangke")
    ),
    "note_attended": lambda w, act: act(_held_now(w), [w.cast.wangke], **_asked(w)),
    "run_training_rules": lambda w, act: act(_rule_that_hits(w)),
    "follow_training": lambda w, act: act(_rule_that_hits(w)),
}


def _with_page(world: World) -> Course:
    docs.set_course_pages(course(DRAFT), [world.pages["everybody"]], **_asked(world))
    return course(DRAFT)


def _second_video(world: World) -> CourseVideo:
    files = [SimpleUploadedFile("二.mp4", mp4(30))]
    return docs.add_course_videos(course(WATCHING), files, **_asked(world))[0]


def _page_moved_on(world: World) -> dt.datetime:
    """The course stands for a version of its page before the present one."""
    course().pages.update(material=0)
    now: dt.datetime = _asked(world)["now"]
    return now


_OWN_ROW = "a row per person and course says how they came to it and how far they are"
_PROOF = "a completion is a row of its own that is never changed"
_ASKED = "notices and rows of people; assigning, or the changed content, is the event"
WITHOUT_EVENT: dict[str, str] = {
    "join_course": _OWN_ROW,
    "leave_course": _OWN_ROW,
    "settle_course": _PROOF,
    "settle_reading": _PROOF,
    "record_course_watched": "what a player played is evidence; nothing about the video changes",
    "enrol_audience": _ASKED,
    "ask_again": _ASKED,
    "remind_due": "reminders that go out by themselves change nothing",
    "remind_sessions": "the same",
}


def training_to_follow(world: World) -> dt.datetime:
    """Somebody read the page, somebody is late, a rule finds somebody, a session is near."""
    now = world.now + 4 * DAY + dt.timedelta(hours=2)
    docs.record_read(world.pages["everybody"], acting_user=world.cast.liuyang, now=now)
    _rule_that_hits(world)
    return now


def assigned(world: World) -> None:
    """An assignment waits for its people."""
    docs.assign_course(course(), AssignmentDraft(people=[world.cast.emma]), **_asked(world))


def renewed(world: World) -> None:
    """The content of a course somebody completed changed."""
    docs.record_read(world.pages["everybody"], **_asked(world, "liuyang"))
    docs.settle_course(course(), **_asked(world, "liuyang"))
    docs.renew_course(course(), **_asked(world))
