"""The health page and the audit log: what runs, and who changed what, from the real state."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from accounts.periodic import tidy
from catalog.actions import (
    add_member,
    edit_product,
    grant_role,
    revoke_grant,
    set_team_products,
)
from catalog.choices import PermissionRole
from catalog.rendering.audit import LEFT_OUT, VERBS, label_of
from core import clock
from core.models import Event, TaskRun
from core.registry import audited_nouns
from opsdesk.demo.cast import Cast

pytestmark = pytest.mark.django_db


def _task(client: Client, name: str) -> dict[str, object]:
    tasks = client.get(reverse("settings_health")).context["tasks"]
    found: dict[str, object] = next(one for one in tasks if one["name"] == name)
    return found


def test_a_worker_keeps_how_each_task_of_the_clock_ended(
    cast: Cast, client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = client_of(cast.admin)
    name = tidy.name
    assert _task(admin, name)["run"] is None
    tidy.apply()
    run = TaskRun.objects.get(name=name)
    assert run.seconds >= 0
    assert (run.failed_at, run.last_error) == (None, "")
    assert _task(admin, name)["failed"] is False

    def broken(**_more: object) -> None:
        raise ValueError("no such disk")

    monkeypatch.setattr("accounts.periodic.forget_old_failures", broken)
    tidy.apply()
    run.refresh_from_db()
    assert run.last_error == "ValueError: no such disk"
    page = admin.get(reverse("settings_health"))
    assert page.context["tasks"][0]["name"] == name, "what went wrong stands first"
    assert "no such disk" in page.content.decode()
    monkeypatch.undo()
    tidy.apply()
    run.refresh_from_db()
    assert _task(admin, name)["failed"] is False
    assert run.failed_at is not None, "the trouble before stays known"


def test_a_task_that_was_not_seen_for_long_is_overdue() -> None:
    now = timezone.now()
    run = TaskRun(name="x", started_at=now, finished_at=now, seconds=1)
    assert not clock.is_late(run, 60, now + dt.timedelta(minutes=4))
    assert clock.is_late(run, 60, now + dt.timedelta(minutes=6))
    assert not clock.is_late(None, 60, now)


def test_without_a_worker_the_page_says_so(cast: Cast, client_of: Callable[[User], Client]) -> None:
    page = client_of(cast.admin).get(reverse("settings_health_workers"))
    assert page.context["crew"].workers == []
    assert page.context["crew"].waiting == 0
    assert "celery -A opsdesk worker" in page.content.decode()


def test_the_audit_log_names_who_what_and_both_values(
    cast: Cast, client_of: Callable[[User], Client], now: dt.datetime
) -> None:
    grant = grant_role(cast.emma, PermissionRole.ANALYST, acting_user=cast.admin, now=now)
    revoke_grant(grant, acting_user=cast.chenlu, now=now + dt.timedelta(days=1))
    edit_product(
        cast.products["crm"], {"name": "星图"}, acting_user=cast.chenlu,
        now=now + dt.timedelta(days=2),
    )  # fmt: skip
    admin = client_of(cast.admin)
    path = reverse("settings_audit")
    first = admin.get(path).context["rows"][0]
    assert (first.who, first.name) == (cast.chenlu.name, "星图")
    assert [(before, after) for _label, before, after in first.changes] == [("星图 CRM", "星图")]
    by_person = admin.get(path, {"person": "chenlu"}).context["rows"]
    assert {row.who for row in by_person} == {cast.chenlu.name}
    grants = admin.get(path, {"noun": "grant", "first_day": "2026-11-16"}).context["rows"]
    assert [row.who for row in grants] == [cast.chenlu.name, cast.admin.name]
    assert all(cast.emma.name in row.name for row in grants)
    day = {"noun": "grant", "first_day": "2026-11-16", "last_day": "2026-11-16"}
    assert [row.who for row in admin.get(path, day).context["rows"]] == [cast.admin.name]
    wrong = admin.get(path, {"first_day": "2026-11-16", "last_day": "2026-11-01"})
    assert (wrong.status_code, "last_day" in wrong.context["form"].errors) == (422, True)
    lines = admin.get(reverse("settings_audit_csv"), day).content.decode().splitlines()
    assert len(lines) >= 2
    assert cast.emma.name in "".join(lines)
    assert client_of(cast.linzhixia).get(path).status_code == 403


def test_the_audit_log_pages_through_everything_once(
    cast: Cast, client_of: Callable[[User], Client], now: dt.datetime
) -> None:
    admin, url, seen = client_of(cast.admin), "", []
    while True:
        there = admin.get(reverse("settings_audit") + url).context
        seen += [(row.at, row.noun, row.name, row.verb) for row in there["rows"]]
        url = there["older"]
        if not url:
            break
    file = admin.get(reverse("settings_audit_csv")).content.decode()
    assert len(seen) > 50
    assert sum(name in file for _at, _noun, name, _verb in seen) == len(seen)


def test_settings_stand_under_headings_and_are_found_by_them(
    cast: Cast, client_of: Callable[[User], Client]
) -> None:
    admin = client_of(cast.admin)
    groups = admin.get(reverse("settings_home")).context["groups"]
    names = [group["name"] for group in groups]
    assert names == list(dict.fromkeys(names))
    assert {"people", "catalogue", "desk", "channels", "operations"} <= set(names)
    assert all(group["lead"] and group["tiles"] for group in groups)
    found = admin.get("/search/", {"q": "API 令牌", "part": "found"}).content.decode()
    assert reverse("settings_tokens") in found
    assert reverse("settings_tokens") not in (
        client_of(cast.linzhixia).get("/search/", {"q": "API 令牌"}).content.decode()
    )


def test_the_audit_log_says_which_rows_an_act_was_about(
    cast: Cast, client_of: Callable[[User], Client], now: dt.datetime
) -> None:
    team = cast.teams["crm_development"]
    set_team_products(team, [cast.products["erp"]], acting_user=cast.admin, now=now)
    add_member(team, cast.emma, acting_user=cast.admin, now=now)
    rows = client_of(cast.admin).get(reverse("settings_audit"), {"noun": "team"}).context["rows"]
    member, products = rows[:2]
    assert (member.verb, member.changes) == ("添加成员", [("人员", "", cast.emma.name)])
    assert (products.verb, products.changes[0][0], products.changes[0][2]) == (
        "设定产品", "产品", str(cast.products["erp"]),
    )  # fmt: skip


def test_the_audit_log_names_every_verb_and_column_in_chinese(cast: Cast) -> None:
    chinese = re.compile("[\u4e00-\u9fff]")
    verbs = Event.objects.filter(subject__in=audited_nouns()).values_list("verb", flat=True)
    assert set(verbs) <= VERBS.keys()
    with translation.override("zh-hans"):
        unnamed = {
            (subject, column)
            for subject, noun in audited_nouns().items()
            for column in noun.model.EVENT_FIELDS
            if column not in LEFT_OUT and not chinese.search(label_of(noun.model, column))
        }
    assert unnamed <= {("chat_robot", "token")}
