"""Announcements reach whom they are for, once, and say who has and who has not."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Department, User
from catalog.actions import except_role
from catalog.choices import ExceptionKind
from catalog.models import Product, ProductRole
from core.errors import BadInput, NotAllowed, StaleWrite
from core.models import Notice, OutboxRow
from core.tasks import deliver_row
from docs_portal import actions
from docs_portal.access import audience_of, live_for, recipient_of
from docs_portal.actions import AnnouncementDraft
from docs_portal.choices import AnnouncementStatus
from docs_portal.errors import RemindedToday, WrongStatus
from docs_portal.models import Announcement, AnnouncementReader, PosterPlace
from docs_portal.rendering import figures_of
from opsdesk.demo.cast import Cast

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
Clients = Any


def by(user: User, now: dt.datetime) -> dict[str, Any]:
    return {"acting_user": user, "now": now}


def draft(cast: Cast, **more: Any) -> AnnouncementDraft:
    words = {
        "title": "拜访记录可以补录",
        "what": "**补录**三天内的拜访。",
        "how": "1. 打开\n2. 补录",
    }
    return AnnouncementDraft(**{**words, "product": cast.products["crm"], **more})


def announce(cast: Cast, now: dt.datetime, **more: Any) -> Announcement:
    row = actions.create_announcement(draft(cast, **more), **by(cast.linzhixia, now))
    return actions.publish_announcement(row, **by(cast.linzhixia, now))


def deliver(now: dt.datetime) -> None:
    for _round in range(3):
        for row in OutboxRow.objects.filter(done_at=None, kind__in=("job", "notice")):
            deliver_row(row, now)


def told(row: Announcement) -> set[int]:
    notices = Notice.objects.filter(subject="announcement", subject_id=row.pk)
    return set(notices.values_list("recipient_id", flat=True))


def test_the_audience_is_the_same_rule_from_both_sides(cast: Cast, now: dt.datetime) -> None:
    """Whoever an announcement is for finds it, and nobody else; drawn at random."""
    day = now.date()
    sales = cast.roles["crm_director"]
    for kind, person in ((ExceptionKind.ALSO, cast.zhaoyi), (ExceptionKind.NOT, cast.wangke)):
        except_role(person, sales, kind, day, None, **by(cast.admin, now))
    products = list(Product.objects.values_list("pk", flat=True))
    roles = list(ProductRole.objects.values_list("pk", flat=True))
    departments = list(Department.objects.values_list("pk", flat=True))
    people = list(User.objects.working_here().select_related("department"))
    dice = random.Random(7)
    row = announce(cast, now)
    sizes = set()
    for _turn in range(40):
        wanted = (
            dice.sample(known, dice.choice((0, 0, 1, 2)))
            for known in (products, roles, departments)
        )
        of_products, of_roles, of_departments = wanted
        Announcement.objects.filter(pk=row.pk).update(
            product_ids=of_products, role_ids=of_roles, department_ids=of_departments
        )
        found = audience_of(of_products, of_roles, of_departments, day)
        for person in people:
            seen = Announcement.objects.for_person(recipient_of(person, day)).exists()
            assert seen == (person.pk in found), (person, of_products, of_roles, of_departments)
        sizes.add(len(found))
    assert len(sizes) > 5


def test_everybody_of_the_audience_is_told_once(cast: Cast, now: dt.datetime) -> None:
    row = announce(cast, now, departments=[cast.departments["east"]])
    deliver(now)
    east = audience_of([], [], [cast.departments["east"].pk], now.date())
    assert cast.wangke.pk in east
    assert told(row) == east
    # A wider audience tells those who are new to it, and nobody twice.
    wider = draft(cast, departments=[cast.departments["east"], cast.departments["finance"]])
    actions.edit_announcement(row, wider, **by(cast.linzhixia, now))
    deliver(now)
    assert told(row) > east
    assert Notice.objects.filter(subject="announcement").count() == len(told(row))
    # Who comes later is told by the clock.
    actions.tell_newcomers(now)
    assert Notice.objects.filter(subject="announcement").count() == len(told(row))


def test_it_is_published_at_its_time_and_can_be_taken_back(cast: Cast, now: dt.datetime) -> None:
    later = now + dt.timedelta(hours=2)
    row = announce(cast, now, starts_at=later, ends_at=later + dt.timedelta(days=1))
    assert row.status == AnnouncementStatus.SCHEDULED
    assert not live_for(cast.wangke, now, now.date())
    assert actions.publish_due_announcements(now) == 0
    back = actions.withdraw_announcement(row, **by(cast.linzhixia, now))
    assert back.status == AnnouncementStatus.DRAFT
    assert actions.publish_due_announcements(later) == 0
    actions.publish_announcement(back, **by(cast.linzhixia, now))
    assert actions.publish_due_announcements(later) == 1
    deliver(later)
    assert cast.wangke.pk in told(row)
    assert live_for(cast.wangke, later, later.date()) == [row]
    assert not live_for(cast.wangke, later + dt.timedelta(days=2), later.date())
    row.refresh_from_db()
    gone = actions.withdraw_announcement(row, **by(cast.linzhixia, later))
    assert gone.status == AnnouncementStatus.WITHDRAWN
    assert not live_for(cast.wangke, later, later.date())
    with pytest.raises(WrongStatus):
        actions.acknowledge_announcement(gone, **by(cast.wangke, later))


def test_it_knows_who_has_and_who_has_not(cast: Cast, now: dt.datetime) -> None:
    row = announce(cast, now, asks_acknowledgement=True, departments=[cast.departments["east"]])
    deliver(now)
    actions.note_reached([row], **by(cast.wangke, now))
    actions.note_reached([row], **by(cast.liuyang, now))
    actions.read_announcement(row, **by(cast.liuyang, now))
    with pytest.raises(WrongStatus):
        actions.dismiss_announcement(row, **by(cast.wangke, now))
    actions.acknowledge_announcement(row, **by(cast.wangke, now))
    actions.acknowledge_announcement(row, **by(cast.wangke, now + dt.timedelta(days=1)))
    figures = figures_of(row, now.date())
    counts = {name: number for name, _label, number in figures.shown()}
    everybody = counts["audience"]
    assert counts == {
        "audience": everybody, "told": everybody, "reached": 2, "read": 2, "acknowledged": 1,
        "waiting": everybody - 1,
    }  # fmt: skip
    assert all(len(figures.people(name)) == number for name, number in counts.items())
    assert AnnouncementReader.objects.get(user=cast.wangke).acknowledged_at == now
    assert actions.remind_announcement(row, **by(cast.linzhixia, now)) == everybody - 1
    with pytest.raises(RemindedToday):
        actions.remind_announcement(row, **by(cast.linzhixia, now))
    deliver(now)
    reminded = Notice.objects.filter(kind="announcement.reminded")
    assert reminded.count() == everybody - 1
    assert not reminded.filter(recipient=cast.wangke).exists()


def test_only_its_audience_and_its_writers_see_it(
    cast: Cast, now: dt.datetime, client_of: Clients
) -> None:
    row = announce(cast, now, departments=[cast.departments["finance"]])
    page = reverse("announcement", args=[row.pk])
    assert client_of(cast.zhaoyi).get(page).status_code == 200
    assert client_of(cast.wangke).get(page).status_code == 404
    assert client_of(cast.linzhixia).get(page).status_code == 200
    file = actions.add_announcement_files(
        row, [SimpleUploadedFile("图.png", PNG)], **by(cast.linzhixia, now)
    )[0]
    address = reverse("announcement_file", args=[file.pk, file.name])
    shown = client_of(cast.zhaoyi).get(address)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
    assert "sandbox" in shown["Content-Security-Policy"]
    assert b"".join(shown) == PNG  # read to its end, it closes itself
    assert client_of(cast.wangke).get(address).status_code == 404
    assert (
        client_of(cast.zhaoyi).get(reverse("announcement_edit", args=[row.pk])).status_code == 403
    )
    with pytest.raises(NotAllowed):
        actions.withdraw_announcement(row, **by(cast.zhaoyi, now))
    with pytest.raises(NotAllowed):
        actions.create_announcement(draft(cast), **by(cast.emma, now))


def test_bad_input_names_the_field(cast: Cast, now: dt.datetime) -> None:
    said = by(cast.linzhixia, now)
    late = {"starts_at": now, "ends_at": now}
    for field, more in (
        ("title", {"title": " "}), ("title", {"title": "x" * 121}), ("what", {"what": ""}),
        ("how", {"how": "x" * 20_001}), ("ends_at", late),
    ):  # fmt: skip
        with pytest.raises(BadInput) as refused:
            actions.create_announcement(draft(cast, **more), **said)
        assert refused.value.problems[0].field == field
    row = actions.create_announcement(draft(cast), **said)
    for name, content in (("a.exe", b"MZ"), ("a.png", b"MZ"), ("a.png", b""), ("a.svg", b"<svg>")):
        with pytest.raises(BadInput) as refused:
            actions.add_announcement_files(row, [SimpleUploadedFile(name, content)], **said)
        assert refused.value.problems[0].value == name
    actions.edit_announcement(row, draft(cast, title="新标题"), **said)
    with pytest.raises(StaleWrite):
        actions.edit_announcement(
            row, draft(cast, title="旧标题"), seen_version=row.version, **said
        )


def test_the_banner_goes_when_it_is_put_away(
    cast: Cast, now: dt.datetime, client_of: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    plain, asking = (
        announce(cast, now),
        announce(cast, now, title="必读", asks_acknowledgement=True),
    )
    client = client_of(cast.wangke)
    banner = reverse("announcement_banner")
    assert "必读" in client.get(banner).content.decode()
    client.post(reverse("announcement_acknowledge", args=[asking.pk]), {"form_key": "a"})
    assert plain.title in client.get(banner).content.decode()
    left = client.post(
        reverse("announcement_dismiss", args=[plain.pk]), {"form_key": "b"},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    assert plain.title not in left.content.decode()
    reader = AnnouncementReader.objects.get(user=cast.wangke, announcement=plain)
    assert reader.reached_at == now
    assert reader.read_at is None


def test_an_address_fills_in_a_draft_and_the_form_counts(
    cast: Cast, client_of: Clients, now: dt.datetime
) -> None:
    client = client_of(cast.linzhixia)
    asked = {"product": "crm", "title": "2.4 上线", "what": "批量导出", "source": "release-12"}
    page = client.get(reverse("announcement_new"), asked)
    sent = page.context["form"].initial | {"how": "见文档", "form_key": "x"}
    made = client.post(reverse("announcement_new"), sent)
    row = Announcement.objects.get(source="release-12")
    assert made["Location"] == reverse("announcement_edit", args=[row.pk])
    assert (row.title, row.product_ids) == ("2.4 上线", [cast.products["crm"].pk])
    reach = client.post(
        reverse("announcement_reach"), {"departments": [cast.departments["finance"].pk, "x" * 9]}
    )
    wanted = len(audience_of([], [], [cast.departments["finance"].pk], now.date()))
    assert reach.context["reach"] == wanted > 0


def test_a_poster_counts_its_scans_by_place(
    cast: Cast, now: dt.datetime, client_of: Clients
) -> None:
    row = announce(cast, now)
    said = by(cast.linzhixia, now)
    pantry = actions.add_poster_place(row, "三楼茶水间", **said)
    actions.add_poster_place(row, "食堂", **said)
    with pytest.raises(BadInput):
        actions.add_poster_place(row, "食堂", **said)
    sheet = client_of(cast.linzhixia).get(reverse("announcement_posters", args=[row.pk]))
    html = sheet.content.decode()
    assert html.count('class="qr"') == 2
    assert reverse("poster", args=[pantry.code]) in html
    phone = Client()
    landed = phone.get(reverse("poster", args=[pantry.code]))
    assert row.title in landed.content.decode()
    phone.get(reverse("poster", args=[pantry.code]))
    Client().get(reverse("poster", args=[pantry.code]))
    assert dict(PosterPlace.objects.values_list("name", "scans")) == {"三楼茶水间": 2, "食堂": 0}
    actions.withdraw_announcement(row, **said)
    assert Client().get(reverse("poster", args=[pantry.code])).status_code == 404


def test_who_guesses_codes_of_posters_waits(cast: Cast, now: dt.datetime) -> None:
    place = actions.add_poster_place(
        announce(cast, now), "食堂", acting_user=cast.linzhixia, now=now
    )
    guesser, phone = Client(REMOTE_ADDR="192.0.2.7"), Client(REMOTE_ADDR="192.0.2.8")
    tried = [guesser.get(reverse("poster", args=[f"guess{n}"])).status_code for n in range(31)]
    assert tried == [404] * 30 + [429]
    assert phone.get(reverse("poster", args=[place.code])).status_code == 200
