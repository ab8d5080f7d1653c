"""The conclusion people write over a report, and the actions that come back until they end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from catalog.actions import grant_role
from catalog.choices import PermissionRole
from core.errors import BadInput, StaleWrite
from core.events import unfolded
from core.models import OutboxRow
from opsdesk.demo.cast import Cast
from opsdesk.demo.worked_week import play_worked_week
from reports.actions import agree_action, edit_conclusion, end_action, make_snapshot
from reports.actions.editing import ActionEnded
from reports.models import AgreedAction, Conclusion, Snapshot
from reports.policies.weeks import Week

MONDAY = dt.date(2026, 11, 9)
WEEK = "2026-W46"
URL = f"/reports/weekly/{WEEK}/"
CONCLUSION = f"/reports/conclusions/{WEEK}/"
ClientOf = Callable[[User], Client]


@pytest.fixture
def snapshot(cast: Cast, now: dt.datetime) -> Snapshot:
    play_worked_week(cast, MONDAY)
    return make_snapshot(Week.of_day(MONDAY), now)


def in_english(client: Client, user: User) -> Client:
    user.language = "en"
    user.save(update_fields=["language"])
    return client


def test_a_manager_edits_the_draft_and_the_figures_stay(
    snapshot: Snapshot, cast: Cast, client_of: ClientOf
) -> None:
    manager = in_english(client_of(cast.gaoyuan), cast.gaoyuan)
    before = Snapshot.objects.values().get(pk=snapshot.pk)
    assert b"nobody has edited it yet" in manager.get(URL).content
    form = manager.get(CONCLUSION).context["form"]
    # The draft is the start, in both languages.
    assert "未解决" in form.initial["text_zh"] or "积压" in form.initial["text_zh"]
    assert "unresolved" in form.initial["text_en"]
    answer = manager.post(
        CONCLUSION,
        {"text_zh": "积压下降。", "text_en": "The backlog fell.", "form_key": "a" * 32},
    )
    assert answer.status_code == 302, answer.content
    page = manager.get(URL).content.decode()
    assert "The backlog fell." in page
    assert "Edited by" in page
    assert "nobody has edited it yet" not in page
    assert Snapshot.objects.values().get(pk=snapshot.pk) == before
    assert not unfolded(Conclusion.objects.get(period=WEEK))


def test_two_editors_never_overwrite_each_other(
    snapshot: Snapshot, cast: Cast, now: dt.datetime
) -> None:
    first = edit_conclusion(snapshot, "甲", "one", acting_user=cast.gaoyuan, now=now)
    edit_conclusion(
        snapshot, "乙", "two", acting_user=cast.gaoyuan, now=now, seen_version=first.version
    )
    with pytest.raises(StaleWrite):
        edit_conclusion(
            snapshot, "丙", "three", acting_user=cast.chenlu, now=now, seen_version=first.version
        )
    assert Conclusion.objects.get(period=WEEK).text_en == "two"


def test_a_conclusion_needs_both_languages(
    snapshot: Snapshot, cast: Cast, client_of: ClientOf
) -> None:
    manager = client_of(cast.gaoyuan)
    answer = manager.post(CONCLUSION, {"text_zh": "只有中文", "text_en": " ", "form_key": "b" * 32})
    assert answer.status_code == 422
    assert not Conclusion.objects.exists()


def test_an_action_comes_back_until_it_ends(
    snapshot: Snapshot, cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    manager = in_english(client_of(cast.gaoyuan), cast.gaoyuan)
    action = agree_action(
        snapshot, "每天看一次退单原因", cast.linzhixia, dt.date(2026, 11, 20),
        acting_user=cast.gaoyuan, now=now,
    )  # fmt: skip
    told = OutboxRow.objects.get(name="report.action")
    assert told.payload["recipient"] == cast.linzhixia.pk
    [own] = manager.get(URL).context["next_actions"]
    assert own.is_open

    week = Week.of_day(MONDAY)
    for after in (1, 2):
        later = make_snapshot(week.shift(after), now + dt.timedelta(weeks=3))
        [carried] = manager.get(f"/reports/weekly/{later.period}/").context["last_actions"]
        assert carried.is_open
    ended_at = week.shift(2).starts_at + dt.timedelta(days=2)
    end_action(action, "done", "退单少了一半", acting_user=cast.linzhixia, now=ended_at)
    make_snapshot(week.shift(3), now + dt.timedelta(weeks=5))

    def stands(weeks: int, list_name: str) -> list[str]:
        context = manager.get(f"/reports/weekly/{week.shift(weeks).name}/").context
        return [each.state for each in context[list_name]]

    # It ended in the third week: the pages of the two before still show it open.
    assert stands(0, "next_actions") == ["open"]
    assert stands(1, "last_actions") == ["done"]
    assert stands(2, "last_actions") == ["done"]
    assert stands(3, "last_actions") == []
    assert not unfolded(AgreedAction.objects.get(pk=action.pk))


def test_what_is_dropped_says_why_and_ends_once(
    snapshot: Snapshot, cast: Cast, now: dt.datetime
) -> None:
    action = agree_action(
        snapshot, "补一页手册", cast.shenyi, now.date(), acting_user=cast.gaoyuan, now=now
    )
    with pytest.raises(BadInput) as refusal:
        end_action(action, "dropped", " ", acting_user=cast.shenyi, now=now)
    assert refusal.value.problems[0].field == "outcome"
    end_action(action, "dropped", "已有这一页", acting_user=cast.shenyi, now=now)
    with pytest.raises(ActionEnded):
        end_action(action, "done", acting_user=cast.shenyi, now=now)


def test_an_action_is_due_today_or_later(snapshot: Snapshot, cast: Cast, now: dt.datetime) -> None:
    with pytest.raises(BadInput) as refusal:
        agree_action(
            snapshot, "昨天的事", cast.shenyi, now.date() - dt.timedelta(days=1),
            acting_user=cast.gaoyuan, now=now,
        )  # fmt: skip
    assert refusal.value.problems[0].field == "due_on"
    assert not AgreedAction.objects.exists()


def test_only_editors_write_and_a_part_of_the_report_shows_no_words_about_the_whole(
    snapshot: Snapshot, cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    edit_conclusion(snapshot, "全公司", "whole company", acting_user=cast.gaoyuan, now=now)
    for user in (cast.linzhixia, cast.wangke):
        assert client_of(user).get(CONCLUSION).status_code == 403
    grant_role(
        cast.wangke, PermissionRole.MANAGER, product=cast.products["crm"],
        acting_user=cast.admin, now=now,
    )  # fmt: skip
    narrow = client_of(User.objects.get(pk=cast.wangke.pk))
    page = narrow.get(URL)
    assert page.status_code == 200
    assert "全公司" not in page.content.decode()
    assert narrow.get(CONCLUSION).status_code == 403
    assert client_of(cast.gaoyuan).get(CONCLUSION).status_code == 200


def test_its_owner_ends_an_action_and_a_stranger_finds_nothing(
    snapshot: Snapshot, cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    action = agree_action(
        snapshot, "补一页手册", cast.shenyi, now.date(), acting_user=cast.gaoyuan, now=now
    )
    url = f"/reports/actions/{action.pk}/end/"
    assert client_of(cast.wangke).get(url).status_code == 404
    answer = client_of(cast.shenyi).post(url, {"state": "done", "form_key": "c" * 32})
    assert answer.status_code == 302
    assert AgreedAction.objects.get(pk=action.pk).state == "done"
