"""What announcements did: reach, use of what they point to, tickets of readers and of others."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from accounts.models import User
from docs_portal.actions import (
    AnnouncementDraft,
    add_poster_place,
    create_announcement,
    publish_announcement,
    read_announcement,
    record_read,
)
from docs_portal.models import Announcement, Page, PosterPlace
from docs_portal.rendering.posters import posters_pdf
from opsdesk.demo.cast import Cast
from opsdesk.demo.pages import build_pages
from reports.access import Part, ReportScope, scope_of
from reports.policies.announcing import announcement_effects, linked_pages
from tests.feedback.loop import collected, planned
from tests.tickets.ladder import submitted
from tickets.actions import TicketDraft, submit_ticket

pytestmark = pytest.mark.django_db
HOW = "见[审阅拜访记录](/manuals/crm/visit-records/)。"


def announced(cast: Cast, now: dt.datetime, **more: Any) -> Announcement:
    crm = cast.products["crm"]
    draft = AnnouncementDraft(
        "可以整组审阅了", "一次审阅多条。", how=HOW, product=crm, products=[crm], **more
    )
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    return publish_announcement(create_announcement(draft, **by), **by)


def test_readers_are_compared_with_who_has_not_read(cast: Cast, now: dt.datetime) -> None:
    build_pages(cast, now - dt.timedelta(days=90))
    out = now - dt.timedelta(days=40)
    row = announced(cast, out)
    pages = Page.objects.filter(slug="visit-records")
    assert linked_pages(row) == set(pages.values_list("pk", flat=True))
    read_announcement(row, acting_user=cast.wangke, now=out + dt.timedelta(days=1))
    mine = pages.get(title="审阅拜访记录")
    record_read(mine, acting_user=cast.wangke, now=out + dt.timedelta(days=2))
    # Two tickets before and none after; the day itself and what is too old count for neither.
    for day in (-30, -5, -3, 0):
        submitted(cast, out + dt.timedelta(days=day), f"审阅太慢 {day}")
    draft = TicketDraft(product=cast.products["crm"], description="拜访不能补录", requester=None)
    submit_ticket(draft, acting_user=cast.liuyang, now=out + dt.timedelta(days=4))

    (effect,) = announcement_effects(scope_of(cast.gaoyuan), now)
    assert (effect.readers.people, effect.readers.used) == (1, 1)
    assert (effect.readers.before, effect.readers.after) == (2, 0)
    assert (effect.others.used, effect.others.before, effect.others.after) == (0, 0, 1)
    assert effect.audience == 1 + effect.others.people
    assert effect.is_over
    assert effect.is_thin
    assert not effect.readers.is_shown, "one person's figures are nobody's business"

    (young,) = announcement_effects(scope_of(cast.gaoyuan), out + dt.timedelta(days=20))
    assert not young.is_over
    assert young.difference is None


def test_who_reads_a_department_is_told_of_its_people_whatever_else_they_read(
    cast: Cast, now: dt.datetime
) -> None:
    """Everything of another product is no reason to see everybody of this one."""
    announced(cast, now - dt.timedelta(days=40))
    east = cast.departments["east"]
    theirs = Part(cast.products["crm"].pk, east.path, with_confidential=True)
    other = Part(cast.products["erp"].pk, "", with_confidential=False)
    whole = Part(cast.products["crm"].pk, "", with_confidential=False)

    def audience(*parts: Part) -> int:
        [effect] = announcement_effects(ReportScope(parts), now)
        return effect.audience

    assert 0 < audience(theirs) < audience(whole)
    assert audience(theirs, other) == audience(theirs)


def test_the_page_shows_no_figure_of_one_person(
    cast: Cast, now: dt.datetime, client_of: Any
) -> None:
    announced(cast, now)
    # The page looks back a year from its own day.
    with time_machine.travel(now, tick=False):
        page = client_of(cast.gaoyuan).get("/reports/announcements/")
    assert page.status_code == 200
    assert "可以整组审阅了" in page.content.decode()
    assert client_of(cast.wangke).get("/reports/announcements/").status_code == 403


def test_a_release_fills_an_announcement_in_and_shows_it(
    cast: Cast, now: dt.datetime, client_of: Any
) -> None:
    release = planned(cast, now, collected(cast, now), "6.3")
    client = client_of(cast.linzhixia)
    page = client.get(f"/releases/{release.pk}/").content.decode()
    assert f"source=release-{release.pk}" in page
    announced(cast, now, source=f"release-{release.pk}")
    page = client.get(f"/releases/{release.pk}/").content.decode()
    assert "可以整组审阅了" in page
    assert f"source=release-{release.pk}" not in page


def test_posters_are_sheets_with_a_code_each(cast: Cast, now: dt.datetime, client_of: Any) -> None:
    row = announced(cast, now)
    client = client_of(cast.linzhixia)
    assert client.get(f"/announcements/{row.pk}/posters.pdf").status_code == 404
    for name in ("3 楼茶水间", "仓库 #1 [A]"):
        add_poster_place(row, name, acting_user=cast.linzhixia, now=now)
    answer = client.get(f"/announcements/{row.pk}/posters.pdf")
    assert answer["Content-Type"] == "application/pdf"
    places = list(PosterPlace.objects.all())
    alone = posters_pdf(row, places[:1], lambda place: f"https://x.example/{place.code}")
    assert len(answer.content) > len(alone)
    assert client_of(cast.wangke).get(f"/announcements/{row.pk}/posters.pdf").status_code in (
        403, 404,
    )  # fmt: skip


def test_the_api_tells_what_was_announced(cast: Cast, now: dt.datetime, client_of: Any) -> None:
    row = announced(cast, now, asks_acknowledgement=True)
    client = client_of(cast.wangke)
    (found,) = client.get("/api/v1/announcements").json()["results"]
    assert (found["id"], found["product"], found["read_at"]) == (row.pk, "crm", None)
    said = client.post(f"/api/v1/announcements/{row.pk}/acknowledge").json()
    assert said["acknowledged_at"]
    person = User.objects.get(username="zhaoyi")
    assert client_of(person).get("/api/v1/announcements").json()["results"] == []
