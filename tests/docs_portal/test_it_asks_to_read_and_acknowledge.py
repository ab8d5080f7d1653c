"""A must-read is asked of its audience, acknowledged for the material version, and asked again when
the meaning changes; what was acknowledged before stays on record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Department, User
from catalog.models import ProductRole
from core.errors import BadInput
from core.models import OutboxRow
from docs_portal.access import must_readers, my_must_reads, recipient_of
from docs_portal.actions import (
    MustReadDraft,
    RevisionDraft,
    acknowledge_page,
    follow_must_reads,
    publish_page,
    remind_readers,
    require_reading,
    save_revision,
    stop_requiring,
    tell_must_read,
)
from docs_portal.errors import NotAsked, PageChanged, RemindedToday
from docs_portal.models import MustRead, MustReadReader, MustReadRound, Page
from opsdesk.demo.cast import Cast
from opsdesk.demo.pages import build_pages

ClientOf = Callable[[User], Client]
DAY = dt.date(2026, 11, 16)


@pytest.fixture
def page(cast: Cast, now: dt.datetime) -> Page:
    build_pages(cast, now)
    return Page.objects.get(title="填写拜访记录")


@pytest.fixture
def must_read(page: Page, cast: Cast, now: dt.datetime) -> MustRead:
    draft = MustReadDraft(due_on=DAY + dt.timedelta(days=5), days=3)
    row = require_reading(page, draft, acting_user=cast.shenyi, now=now)
    tell_must_read(row.rounds.get().pk, now=now)
    return row


def change(page: Page, cast: Cast, now: dt.datetime, *, material: bool) -> Page:
    newest = page.revisions.order_by("-number")[0]
    draft = RevisionDraft(
        newest.title, f"{newest.body}\n\n{newest.number}", newest.number, is_material=material
    )
    save_revision(page, draft, acting_user=cast.shenyi, now=now)
    return publish_page(page, acting_user=cast.shenyi, now=now)


def told(user: User, kind: str) -> int:
    rows = OutboxRow.objects.filter(kind="notice", name=f"must_read.{kind}")
    return sum(1 for row in rows if row.payload["recipient"] == user.pk)


def current(page: Page) -> MustReadRound:
    return MustReadRound.objects.current().get(must_read__page=page)


def test_the_audience_is_told_once_and_answers_on_the_page(
    must_read: MustRead, page: Page, cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    tell_must_read(current(page).pk, now=now)
    assert (told(cast.liuyang, "asked"), told(cast.wangke, "asked")) == (1, 0)
    client = client_of(cast.liuyang)
    address = reverse("page", args=["crm", page.slug])
    assert "我已读完第" in client.get(address).content.decode()
    assert page.title in client.get(reverse("must_reads_due")).content.decode()
    sent = {"revision": page.published_revision_id}
    client.post(reverse("page_acknowledge", args=[page.pk]), sent)
    assert "我已读完第" not in client.get(address).content.decode()
    assert page.title not in client.get(reverse("must_reads_due")).content.decode()
    assert page.title in client.get(reverse("my_must_reads")).content.decode()
    reading = MustReadReader.objects.get(round=current(page), user=cast.liuyang)
    assert reading.revision_id == page.published_revision_id


def test_a_material_change_asks_again_and_keeps_the_old_record(
    must_read: MustRead, page: Page, cast: Cast, now: dt.datetime
) -> None:
    first = current(page)
    acknowledge_page(page, first.revision, acting_user=cast.liuyang, now=now)
    # A rewording asks nobody.
    page = change(page, cast, now, material=False)
    assert current(page) == first
    assert not my_must_reads(cast.liuyang, DAY).not_answered_by(cast.liuyang).exists()
    # Neither does one that was saved as material and published with a rewording on top hide it.
    page.refresh_from_db()
    newest = page.revisions.order_by("-number")[0]
    save_revision(
        page, RevisionDraft(newest.title, newest.body + "\n\nnew", newest.number),
        acting_user=cast.shenyi, now=now,
    )  # fmt: skip
    page = change(page, cast, now, material=False)
    second = current(page)
    assert second != first
    assert second.revision_id == page.published_revision_id
    assert second.due_on == DAY + dt.timedelta(days=3)
    waiting = my_must_reads(cast.liuyang, DAY).not_answered_by(cast.liuyang)
    assert list(waiting) == [second]
    with pytest.raises(PageChanged):
        acknowledge_page(page, first.revision, acting_user=cast.liuyang, now=now)
    acknowledge_page(page, second.revision, acting_user=cast.liuyang, now=now)
    assert not waiting.all().exists()
    kept = MustReadReader.objects.filter(user=cast.liuyang, acknowledged_at__isnull=False)
    assert set(kept.values_list("round_id", flat=True)) == {first.pk, second.pk}


def test_only_who_is_asked_acknowledges(
    must_read: MustRead, page: Page, cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    with pytest.raises(NotAsked):
        acknowledge_page(page, current(page).revision, acting_user=cast.wangke, now=now)
    sent = {"revision": page.published_revision_id}
    url = reverse("page_acknowledge", args=[page.pk])
    assert client_of(cast.wangke).post(url, sent).status_code == 404
    assert client_of(cast.liuyang).post(url, sent).status_code == 302
    stop_requiring(must_read, acting_user=cast.shenyi, now=now)
    with pytest.raises(NotAsked):
        acknowledge_page(page, page.published_revision, acting_user=cast.liuyang, now=now)  # type: ignore[arg-type]
    assert MustReadReader.objects.filter(acknowledged_at__isnull=False).count() == 1


def test_reminders_come_before_and_after_the_last_day_and_once_a_day_by_hand(
    must_read: MustRead, page: Page, cast: Cast, now: dt.datetime
) -> None:
    days = [now + dt.timedelta(days=n) for n in range(12)]
    reminded = []
    for at in days:
        for _twice in range(2):
            follow_must_reads(at)
        reminded.append(told(cast.liuyang, "reminded"))
    # Due on the sixth day: reminded from two days before, and the day after.
    assert reminded == [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2]
    assert remind_readers(must_read, acting_user=cast.shenyi, now=days[9]) >= 1
    with pytest.raises(RemindedToday):
        remind_readers(must_read, acting_user=cast.shenyi, now=days[9])


def test_figures_equal_their_lists(
    must_read: MustRead, page: Page, cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    late = now + dt.timedelta(days=8)
    acknowledge_page(page, current(page).revision, acting_user=cast.liuyang, now=late)
    client = client_of(cast.shenyi)
    asked = len(must_readers(must_read, DAY))
    for shown, count in (
        ("asked", asked),
        ("acknowledged", 1),
        ("late", 1),
        ("waiting", asked - 1),
    ):
        answer = client.get(reverse("page_must_read", args=[page.pk]), {"show": shown})
        assert len(answer.context["people"]) == count, shown
        assert (shown, count) in [
            (name, n) for name, _label, n in answer.context["figures"].shown()
        ]


@pytest.mark.parametrize(
    ("change_of", "field"),
    [
        ({"due_on": DAY - dt.timedelta(days=1)}, "due_on"),
        ({"days": 0}, "days"),
        ({"role_ids": [999_999]}, "roles"),
        ({"department_ids": [999_999]}, "departments"),
    ],
)
def test_what_cannot_hold_is_refused_by_name(
    page: Page, cast: Cast, now: dt.datetime, change_of: dict[str, object], field: str
) -> None:
    good = {"due_on": DAY, "days": 7}
    with pytest.raises(BadInput) as refusal:
        require_reading(
            page, MustReadDraft(**{**good, **change_of}), acting_user=cast.shenyi, now=now  # type: ignore[arg-type]
        )  # fmt: skip
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert not MustRead.objects.exists()
    require_reading(page, MustReadDraft(**good), acting_user=cast.shenyi, now=now)  # type: ignore[arg-type]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_both_sides_of_the_audience_agree(
    page: Page, cast: Cast, now: dt.datetime, data: st.DataObject
) -> None:
    """Who is asked, reckoned from the must-read, are those whose own page asks them."""
    roles = list(ProductRole.objects.filter(product=page.manual.product))
    wanted = data.draw(st.lists(st.sampled_from(roles), max_size=2, unique=True))
    departments = data.draw(
        st.lists(st.sampled_from(list(Department.objects.all())), max_size=2, unique=True)
    )
    Page.objects.filter(pk=page.pk).update(
        part_role_ids=[one.pk for one in data.draw(st.sampled_from(([], roles[:1], roles[1:])))]
    )
    page.roles.set(data.draw(st.lists(st.sampled_from(roles), max_size=2, unique=True)))
    page.refresh_from_db()
    assert page.published_revision is not None
    MustReadRound.objects.all().delete()
    MustRead.objects.all().delete()
    row = MustRead.objects.create(
        page=page, role_ids=[role.pk for role in wanted], created_by=cast.shenyi, created_at=now,
        department_ids=[one.pk for one in departments],
    )  # fmt: skip
    MustReadRound.objects.create(
        must_read=row, revision=page.published_revision, due_on=DAY, asked_at=now
    )
    asked = {
        user.pk
        for user in User.objects.working_here()
        if MustReadRound.objects.current().for_person(recipient_of(user, DAY)).exists()
    }
    assert must_readers(row, DAY) == asked


def test_a_program_reads_and_acknowledges_for_its_person(
    must_read: MustRead, page: Page, cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    client = client_of(cast.liuyang)
    waiting = client.get(reverse("api_my_must_reads")).json()["results"]
    assert [(one["page"], one["revision"]) for one in waiting] == [(page.pk, 1)]
    address = reverse("api_page", args=["crm", page.slug])
    assert client.get(address).json()["must_read"]["acknowledged_at"] is None
    sent = {"revision": 1}
    url = reverse("api_page_acknowledge", args=["crm", page.slug])
    json = "application/json"
    assert client.post(url, {"revision": 9}, content_type=json).status_code == 404
    assert client.post(url, {}, content_type=json).status_code == 400
    answer = client.post(url, sent, content_type=json)
    assert (answer.status_code, answer.json()["revision"]) == (200, 1)
    assert not client.get(reverse("api_my_must_reads")).json()["results"]
    # The director's own page of this address is not asked for.
    assert client_of(cast.wangke).post(url, sent, content_type=json).status_code == 409
