"""Training, what readers say of pages, and manual debt by API: as the pages do, for the same."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from docs_portal import actions
from docs_portal.actions import AssignmentDraft, CourseDraft, PageDraft, SessionDraft
from docs_portal.choices import CourseForm
from docs_portal.models import Completion, Course, DebtItem, Page, PageVoice
from docs_portal.policies.debt import Place
from docs_portal.policies.training import code_at
from opsdesk.demo.cast import Cast
from tests.api.calling import Api
from tests.docs_portal.videos import mp4

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(now: dt.datetime) -> Any:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


def by(user: User, now: dt.datetime) -> dict[str, Any]:
    return {"acting_user": user, "now": now}


def course(cast: Cast, now: dt.datetime, form: str, title: str = "拜访记录怎么写") -> Course:
    draft = CourseDraft(title, form, product=cast.products["crm"])
    row = actions.create_course(draft, **by(cast.linzhixia, now))
    if form == CourseForm.VIDEO:
        video = SimpleUploadedFile("拜访.mp4", mp4(20))
        actions.add_course_videos(row, [video], **by(cast.linzhixia, now))
    return actions.publish_course(row, **by(cast.linzhixia, now))


def published(cast: Cast, now: dt.datetime, *roles: str) -> Page:
    draft = PageDraft(
        cast.products["crm"], "拜访总则", "正文", roles=[cast.roles[role] for role in roles]
    )
    page = actions.create_page(draft, **by(cast.shenyi, now))
    return actions.publish_page(page, **by(cast.shenyi, now))


def test_a_video_course_is_completed_by_what_was_played(
    cast: Cast, now: dt.datetime, clock: Any
) -> None:
    row = course(cast, now, CourseForm.VIDEO)
    api = Api(cast.liuyang)
    assert [one["id"] for one in api.get("/training").json()["offered"]] == [row.pk]
    joined = api.post(f"/training/{row.pk}/join").json()
    assert (joined["mine"]["source"], joined["mine"]["completed_at"]) == ("joined", None)
    (step,) = joined["steps"]
    assert (step["done"], step["seconds"], step["length"]) == (False, 0.0, 20.0)
    address = f"/training/videos/{step['video']}/watched"
    assert api.post(address, {"parts": []}).json() == {"seconds": 0.0, "parts": []}
    clock.shift(MINUTE)
    part = api.post(address, {"parts": [[0, 8]]}).json()
    assert part == {"seconds": 8.0, "parts": [[0.0, 8.0]]}
    assert not Completion.objects.exists()
    assert api.post(address, {"parts": [[7.5, 20]]}).json()["seconds"] == 20.0
    assert api.get(f"/training/{row.pk}").json()["mine"]["completed_version"] == 1
    mine = api.get("/training").json()
    assert [one["course"]["id"] for one in mine["completed"]] == [row.pk]
    assert mine["waiting"] == mine["offered"] == []
    spoilt = api.post(address, {"parts": [[0]]})
    assert (spoilt.status_code, spoilt.json()["problems"][0]["field"].split(".")[0]) == (
        400, "parts",
    )  # fmt: skip
    # Who may not see the course learns nothing of it.
    actions.retire_course(row, **by(cast.linzhixia, now))
    assert Api(cast.zhaoyi).get(f"/training/{row.pk}").status_code == 404
    assert Api(cast.zhaoyi).post(address, {"parts": []}).status_code == 404


def test_a_seat_is_booked_given_up_and_proved_by_the_code(
    cast: Cast, now: dt.datetime, clock: Any
) -> None:
    row = course(cast, now, CourseForm.ON_SITE)
    times = SessionDraft(now + DAY, now + DAY + HOUR, "三楼", seats=1)
    session = actions.plan_session(row, times, **by(cast.linzhixia, now))
    first, second = Api(cast.liuyang), Api(cast.wangke)

    def state(api: Api, act: str) -> tuple[str, int]:
        (line,) = api.post(f"/training/sessions/{session.pk}/{act}").json()["sessions"]
        return line["state"], line["free"]

    assert state(first, "book") == ("booked", 0)
    assert state(second, "book") == ("waiting", 0)
    assert state(first, "give-up") == ("", 0)
    (seat,) = second.get("/training").json()["seats"]
    assert (seat["state"], seat["session"]["place"]) == ("booked", "三楼")
    refused = second.post("/training/check-in", {"code": "000000"})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_code")
    assert refused.json()["problems"][0]["value"] == "000000"
    clock.move_to(now + DAY)
    code = code_at(session.secret, now + DAY)
    seat = second.post("/training/check-in", {"code": code}).json()
    assert (seat["course"], seat["checked_in_at"] is not None) == (row.pk, True)
    assert Completion.objects.get().user == cast.wangke
    # A manual's writer sees who was asked; a colleague does not.
    people = Api(cast.linzhixia).get(f"/training/{row.pk}/people", show="completed").json()
    assert [one["person"]["name"] for one in people["results"]] == [cast.wangke.name]
    assert (people["counts"]["asked"], people["counts"]["completed"]) == (2, 1)
    assert first.get(f"/training/{row.pk}/people").status_code == 403


def test_an_assigned_course_is_not_left(cast: Cast, now: dt.datetime) -> None:
    row = course(cast, now, CourseForm.ON_SITE)
    api = Api(cast.liuyang)
    api.post(f"/training/{row.pk}/join")
    assert api.post(f"/training/{row.pk}/leave").json()["mine"] is None
    asked = AssignmentDraft(people=[cast.liuyang], due_days=7)
    assignment = actions.assign_course(row, asked, **by(cast.linzhixia, now))
    actions.enrol_audience(assignment.pk, now=now)
    (waiting,) = api.get("/training").json()["waiting"]
    assert (waiting["course"]["id"], waiting["due_on"]) == (row.pk, str(now.date() + 7 * DAY))
    refused = api.post(f"/training/{row.pk}/leave")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_status")


def test_a_word_on_a_page_becomes_debt_until_a_writer_heard_it(
    cast: Cast, now: dt.datetime
) -> None:
    page = published(cast, now - DAY, "crm_representative")
    reader, writer = Api(cast.liuyang), Api(cast.shenyi)
    said = {"is_helpful": False, "reason": "unclear", "comment": "第三步看不懂"}
    address = f"/pages/{page.pk}/voice"
    assert Api(cast.zhaoyi).post(address, said).status_code == 404
    wrong = reader.post(address, {"is_helpful": True, "reason": "unclear"})
    assert (wrong.status_code, wrong.json()["problems"][0]["field"]) == (400, "reason")
    unknown = reader.post(address, {"is_helpful": True, "stars": 5})
    assert unknown.json()["problems"][0]["field"] == "stars"
    assert not PageVoice.objects.exists()
    voice = reader.post(address, said).json()
    assert (voice["revision"], voice["person"]["name"]) == (1, cast.liuyang.name)

    (owed,) = writer.get("/manual-debt", product="crm").json()["results"]
    assert (owed["page"], owed["parts"][0]["source"]) == (page.pk, "not_helpful")
    assert writer.get(f"/manual-debt/{owed['token']}").json()["signals"][0]["ref"].startswith("V-")
    assert reader.get("/manual-debt").status_code == 403
    assert reader.get(f"/pages/{page.pk}/voices").status_code == 403
    (heard,) = writer.get(f"/pages/{page.pk}/voices").json()["results"]
    assert heard["heard_at"] is None
    assert reader.post(f"/page-voices/{heard['id']}/hear").status_code == 403
    assert writer.post(f"/page-voices/{heard['id']}/hear").json()["heard_at"]
    assert writer.get("/manual-debt").json() == {"results": [], "total": 0}


def test_an_item_is_taken_given_back_and_settled(cast: Cast, now: dt.datetime) -> None:
    published(cast, now)
    words = "怎么批量删除"
    crm = cast.products["crm"]
    actions.record_search_miss(words, product=crm, **by(cast.liuyang, now))
    actions.record_search_miss("打印水印", product=None, **by(cast.liuyang, now))
    writer = Api(cast.shenyi)
    token = Place(crm.pk, words=words).token
    taken = writer.post(f"/manual-debt/{token}/take").json()
    assert (taken["taken_by"]["name"], taken["title"]) == (cast.shenyi.name, words)
    assert Page.objects.get(pk=taken["draft"]).title == words
    other = Api(cast.linzhixia).post(f"/manual-debt/{token}/take")
    assert (other.status_code, other.json()["code"]) == (409, "debt_taken")
    back = f"/manual-debt/{taken['id']}/give-back"
    assert Api(cast.linzhixia).post(back).status_code == 404
    assert writer.post(back).json()["taken_by"] is None
    # An item of no product asks for one, by name.
    loose = Place(None, words="打印水印").token
    settle = {"outcome": "not_needed", "note": "不归我们"}
    asked = writer.post(f"/manual-debt/{loose}/settle", settle)
    assert (asked.status_code, asked.json()["problems"][0]["field"]) == (400, "product")
    done = writer.post(f"/manual-debt/{loose}/settle", {**settle, "product": "crm"}).json()
    assert done["settled_at"] is not None
    assert DebtItem.objects.get(pk=done["id"]).note == "不归我们"
    assert writer.get(f"/manual-debt/{loose}").status_code == 404
