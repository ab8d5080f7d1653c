"""Every settings page opens for administrators and for nobody else; what is sent is kept."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions import PersonDraft, create_department, create_person, create_position
from catalog import actions as catalog
from catalog.access import calendar_of, on_duty, rights_of
from catalog.models import FieldDefinition, FieldSection, Module, Product, ServiceCalendar, Team
from catalog.views.pages import SECTIONS
from core.models import Event, OutboxRow
from core.worktime import WorkCalendar
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import submitted

ClientOf = Callable[..., Client]


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_every_section_lists_and_opens_each_row(
    name: str, cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    if name == "fields":
        FieldDefinition.objects.create(target="ticket", key="order", label="单号", kind="text")
    if name == "sections":
        FieldSection.objects.create(target="ticket", label="单据")
    client = client_of(cast.chenlu)
    answer = client.get(reverse(f"settings_{name}"))
    assert answer.status_code == 200
    rows = answer.context["rows"]
    assert rows
    assert client.get(rows[0]["url"]).status_code == 200
    if SECTIONS[name].create:
        assert client.get(reverse(f"settings_{name}_new")).status_code == 200
    for refused in (cast.linzhixia, cast.gaoyuan, cast.liuyang):
        assert client_of(refused).get(rows[0]["url"]).status_code == 403
    assert Client().get(rows[0]["url"]).status_code == 302


def test_a_product_is_added_and_edited_with_events(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.chenlu)
    sent = {
        "name": "云仓",
        "code": "wms",
        "kind": "optional",
        "owner": "许澄 (xucheng)",
        "is_active": "on",
    }
    answer = client.post(reverse("settings_products_new"), sent)
    product = Product.objects.get(code="wms")
    assert answer.status_code == 302
    assert product.owner == cast.xucheng
    edited = client.post(
        reverse("settings_products_edit", args=[product.pk]),
        sent | {"name": "云仓 WMS", "owner": "何思源", "version": "1"},
    )
    assert edited.status_code == 302
    product.refresh_from_db()
    assert (product.name, product.owner) == ("云仓 WMS", cast.hesiyuan)
    history = Event.objects.filter(subject="product", subject_id=product.pk).order_by("version")
    assert [(event.verb, event.actor_id) for event in history] == [
        ("create", cast.chenlu.pk), ("edit", cast.chenlu.pk),
    ]  # fmt: skip


def test_a_refused_form_names_field_and_value_and_writes_nothing(
    cast: Cast, client_of: ClientOf
) -> None:
    client, before = client_of(cast.chenlu), Event.objects.count()
    sent = {"name": "星图 CRM", "code": "crm-2", "kind": "optional", "owner": "nobody-here"}
    answer = client.post(reverse("settings_products_new"), sent)
    assert answer.status_code == 422
    assert "nobody-here" in answer.context["form"].errors["owner"][0]
    answer = client.post(reverse("settings_products_new"), sent | {"owner": ""})
    assert answer.status_code == 422
    assert "星图 CRM" in answer.context["form"].errors["name"][0]
    assert Event.objects.count() == before


def test_a_stale_form_is_refused_once_and_told_by_whom(cast: Cast, client_of: ClientOf) -> None:
    module = cast.modules["visits"]
    address = reverse("settings_modules_edit", args=[module.pk])
    sent = {"name": "拜访", "owner": "hesiyuan", "is_active": "on", "version": "1"}
    assert client_of(cast.chenlu).post(address, sent).status_code == 302
    late = sent | {"name": "客户拜访"}
    refused = client_of(cast.admin).post(address, late)
    assert refused.status_code == 409
    assert "陈璐" in refused.context["form"].errors["name"][0]
    assert Module.objects.get(pk=module.pk).name == "拜访"
    again = late | {"version": refused.context["form"]["version"].value()}
    assert client_of(cast.admin).post(address, again).status_code == 302
    assert Module.objects.get(pk=module.pk).name == "客户拜访"


def test_a_role_is_granted_and_revoked(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.chenlu)
    person = reverse("settings_people_edit", args=[cast.wangke.pk])
    answer = client.post(
        f"{person}grants/add/",
        {"grants-role": "manager", "grants-department": cast.departments["east"].pk},
    )
    assert answer.status_code == 302
    fresh = type(cast.wangke).objects.get(pk=cast.wangke.pk)
    assert rights_of(fresh).is_manager
    grant = fresh.grants.get()
    assert client.post(f"{person}grants/{grant.pk}/remove/").status_code == 302
    assert not rights_of(type(fresh).objects.get(pk=fresh.pk)).is_manager


def test_the_last_administrator_stays(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.chenlu)

    def revoke(person: object) -> int:
        grant = person.grants.get(role="administrator")  # type: ignore[attr-defined]
        address = reverse("settings_people_edit", args=[grant.user_id])
        return client.post(f"{address}grants/{grant.pk}/remove/").status_code

    assert revoke(cast.admin) == 302
    assert revoke(cast.chenlu) == 400
    assert cast.chenlu.grants.get(role="administrator").is_active


def test_an_account_is_switched_off_and_on_by_undo(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.chenlu)
    address = reverse("settings_people_do", args=[cast.zhaoyi.pk, "deactivate"])
    assert client.post(address).status_code == 302
    cast.zhaoyi.refresh_from_db()
    assert not cast.zhaoyi.is_active
    assert client_of(cast.zhaoyi).get(reverse("preferences")).status_code == 302
    undo = reverse("settings_people_do", args=[cast.zhaoyi.pk, "activate"])
    assert undo in client.get(reverse("settings_people")).content.decode()
    assert client.post(undo).status_code == 302
    cast.zhaoyi.refresh_from_db()
    assert cast.zhaoyi.is_active


def test_nobody_switches_off_their_own_account(cast: Cast, client_of: ClientOf) -> None:
    address = reverse("settings_people_do", args=[cast.chenlu.pk, "deactivate"])
    assert client_of(cast.chenlu).post(address).status_code == 400
    cast.chenlu.refresh_from_db()
    assert cast.chenlu.is_active


def test_who_left_has_a_successor_who_works_here(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.chenlu)
    address = reverse("settings_people_edit", args=[cast.liuyang.pk]) + "departure/add/"
    day = {"departure-left_on": "2026-11-13"}
    for wrong in ({"departure-successor": "liuyang"}, {"departure-left_on": "2999-01-01"}):
        refused = client.post(address, day | wrong)
        assert refused.status_code == 422
    cast.liuyang.refresh_from_db()
    assert cast.liuyang.left_on is None
    assert client.post(address, day | {"departure-successor": "wangke"}).status_code == 302
    gone = type(cast.liuyang).objects.get(pk=cast.liuyang.pk)
    assert (gone.left_on, gone.successor) == (dt.date(2026, 11, 13), cast.wangke)


def test_people_are_found_by_any_part_of_their_name(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.chenlu)

    def found(query: str) -> list[str]:
        rows = client.get(reverse("settings_people"), {"q": query}).context["rows"]
        return sorted(row["cells"][1] for row in rows)

    assert found("知夏") == ["linzhixia"]
    assert found("clark") == ["emma"]
    assert found("zhao") == ["zhaoyi"]
    assert found("没有这个人") == []


def test_duty_is_planned_for_members_and_never_twice(cast: Cast, client_of: ClientOf) -> None:
    client, team = client_of(cast.chenlu), cast.teams["recognition"]
    address = reverse("settings_teams_edit", args=[team.pk]) + "duty/add/"
    days = {"duty-first_day": "2026-12-01", "duty-last_day": "2026-12-03"}
    assert client.post(address, days | {"duty-user": "liuyang"}).status_code == 422
    assert client.post(address, days | {"duty-user": "xucheng"}).status_code == 302
    assert client.post(address, days | {"duty-user": "xucheng"}).status_code == 422
    assert team.duty.count() == 1
    assert on_duty(team, dt.date(2026, 12, 2)) == cast.xucheng
    assert on_duty(team, dt.date(2026, 12, 4)) is None


def test_a_calendar_follows_its_form(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.chenlu)
    address = reverse("settings_calendars_edit", args=[cast.calendar.pk])
    sent = {
        "name": "客服", "zone": "Asia/Shanghai", "weekdays": ["1", "6"],
        "hours": "9:00-12:00，14:00-18:30",
    }  # fmt: skip
    assert client.post(address, sent | {"hours": "9-12"}).status_code == 422
    assert client.post(address, sent | {"hours": "13:00-12:00"}).status_code == 422
    assert client.post(address, sent | {"zone": "Mars/Base"}).status_code == 422
    assert client.post(address, sent).status_code == 302
    day = {"days-day": "2026-11-18", "days-is_working": "yes", "days-note": "盘点"}
    assert client.post(f"{address}days/add/", day).status_code == 302
    team = Team.objects.get(pk=cast.teams["operations"].pk)
    assert calendar_of(team) == WorkCalendar(
        zone="Asia/Shanghai",
        hours=((dt.time(9), dt.time(12)), (dt.time(14), dt.time(18, 30))),
        weekdays=frozenset({1, 6}),
        overrides={dt.date(2026, 11, 18): True},
        public_holidays=False,
    )
    assert ServiceCalendar.objects.get(pk=cast.calendar.pk).version == 3


def test_a_calendar_that_cannot_be_is_refused_before_its_consequences_are_shown(
    cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    submitted(cast, now)
    client = client_of(cast.chenlu)
    address = reverse("settings_calendars_edit", args=[cast.calendar.pk])
    sent = {
        "name": "客服", "zone": "Asia/Shanghai", "weekdays": ["1", "6"], "hours": "9:00-12:00",
    }  # fmt: skip
    for field, value in (("zone", "../etc"), ("zone", "\u202e😀"), ("hours", "13:00-12:00")):
        refused = client.post(address, sent | {field: value})
        assert refused.status_code == 422
        assert set(refused.context["form"].errors) == {field}
    shown = client.post(address, sent)
    assert shown.status_code == 200
    assert "catalog/settings_foreseen.html" in {template.name for template in shown.templates}


def test_dead_letters_are_seen_and_sent_again(
    cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    row = OutboxRow.objects.create(
        kind=OutboxRow.Kind.JOB, name="core.broken", key="broken:1", created_at=now, due_at=now,
        attempts=8, failed_at=now, last_error="LookupError: no such thing",
    )  # fmt: skip
    client = client_of(cast.chenlu)
    page = client.get(reverse("settings_health")).content.decode()
    assert "LookupError: no such thing" in page
    assert (
        client_of(cast.gaoyuan).post(reverse("settings_health_resend", args=[row.pk])).status_code
        == 403
    )
    row.refresh_from_db()
    assert row.failed_at is not None
    assert client.post(reverse("settings_health_resend", args=[row.pk])).status_code == 302
    again = OutboxRow.objects.get(pk=row.pk)
    assert (again.failed_at, again.attempts) == (None, 0)


def _many_more(cast: Cast, now: dt.datetime) -> None:
    """Fifteen more of everything, each with what belongs to it."""
    by: dict[str, Any] = {"acting_user": cast.admin, "now": now}
    for n in range(15):
        department = create_department(f"部门{n}", cast.departments["sales"], **by)
        position = create_position(f"岗位{n}", **by)
        person = create_person(
            PersonDraft(f"person{n}", f"某人{n}", department=department, position=position), **by
        )
        product = catalog.create_product(f"产品{n}", f"p{n}", "optional", owner=person, **by)
        catalog.create_module(product, f"模块{n}", person, **by)
        role = catalog.create_product_role(product, f"角色{n}", f"r{n}", **by)
        catalog.set_position_roles(position, [role, cast.roles["erp_employee"]], **by)
        team = catalog.create_team(f"组{n}", cast.calendar, **by)
        catalog.set_team_products(team, [product, cast.products["crm"]], **by)
        catalog.add_member(team, person, **by)
        catalog.create_calendar(f"日历{n}", **by)


def test_a_list_costs_the_same_queries_however_long(
    cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    client = client_of(cast.chenlu)

    def costs() -> dict[str, int]:
        found = {}
        for name in sorted(SECTIONS):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(f"settings_{name}")).status_code == 200
            found[name] = len(queries)
        return found

    few = costs()
    _many_more(cast, now)
    assert costs() == few
    assert max(few.values()) <= 8
