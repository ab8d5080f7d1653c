"""Draft, revision, publication: each refusal beside the case that is allowed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.errors import BadInput, NotAllowed, StaleWrite
from core.events import history, unfolded
from docs_portal.actions import (
    PageDraft,
    RevisionDraft,
    create_page,
    publish_page,
    retire_page,
    save_revision,
)
from docs_portal.choices import PageStatus
from docs_portal.errors import AddressTaken, NothingToPublish, NotPublished
from docs_portal.models import Page
from opsdesk.demo.cast import Cast

ClientOf = Callable[[User], Client]


def draft(cast: Cast, **more: Any) -> PageDraft:
    fields = {
        "product": cast.products["crm"], "title": "导出客户", "body": "## 导出\n\n点右上角。",
        "slug": "export", **more,
    }  # fmt: skip
    return PageDraft(**fields)


def created(cast: Cast, now: dt.datetime, **more: Any) -> Page:
    return create_page(draft(cast, **more), acting_user=cast.shenyi, now=now)


def revision(based_on: int, body: str = "新的正文") -> RevisionDraft:
    return RevisionDraft(title="导出客户", body=body, based_on=based_on)


def test_a_draft_is_read_by_nobody_until_it_is_published(cast: Cast, now: dt.datetime) -> None:
    page = created(cast, now)
    mine = Page.objects.readable_by(cast.liuyang, now.date()).filter(pk=page.pk)
    assert not mine.exists()
    publish_page(page, acting_user=cast.shenyi, now=now)
    assert mine.exists()
    row = Page.objects.get(pk=page.pk)
    assert unfolded(row) == {}
    assert [event.verb for event in history("page", page.pk)] == ["create", "publish"]


def test_a_revision_is_read_only_once_published(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    page = publish_page(created(cast, now), acting_user=cast.shenyi, now=now)
    address = reverse("page", args=["crm", "export"])
    save_revision(page, revision(1), acting_user=cast.shenyi, now=now)
    assert "新的正文" not in client_of(cast.liuyang).get(address).content.decode()
    publish_page(page, acting_user=cast.shenyi, now=now)
    assert "新的正文" in client_of(cast.liuyang).get(address).content.decode()


def test_two_writers_never_overwrite_each_other(cast: Cast, now: dt.datetime) -> None:
    page = created(cast, now)
    save_revision(page, revision(1, "甲写的"), acting_user=cast.shenyi, now=now)
    with pytest.raises(StaleWrite) as stale:
        save_revision(page, revision(1, "乙写的"), acting_user=cast.chenlu, now=now)
    assert stale.value.conflicts[0].now == "甲写的"
    assert page.revisions.count() == 2
    save_revision(page, revision(2, "乙写的"), acting_user=cast.chenlu, now=now)
    assert page.revisions.order_by("-number")[0].body == "乙写的"


def test_only_an_agent_of_the_product_writes(cast: Cast, now: dt.datetime) -> None:
    with pytest.raises(NotAllowed):
        create_page(draft(cast), acting_user=cast.liuyang, now=now)
    page = create_page(draft(cast), acting_user=cast.linzhixia, now=now)
    for person, allowed in ((cast.hesiyuan, False), (cast.linzhixia, True)):
        if not allowed:
            with pytest.raises(NotAllowed):
                publish_page(page, acting_user=person, now=now)
        else:
            publish_page(page, acting_user=person, now=now)
    assert Page.objects.get(pk=page.pk).status == PageStatus.PUBLISHED


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"title": " "}, "title"), ({"body": "\n"}, "body"), ({"kind": "poem"}, "kind"),
     ({"slug": "？", "title": "！"}, "slug"), ({"title": "长" * 161}, "title")],
)  # fmt: skip
def test_bad_input_names_its_field_and_writes_nothing(
    cast: Cast, now: dt.datetime, fields: dict[str, Any], field: str
) -> None:
    before = Page.objects.count()
    with pytest.raises(BadInput) as refusal:
        created(cast, now, **fields)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert Page.objects.count() == before
    created(cast, now)
    assert Page.objects.count() == before + 1


def test_roles_and_modules_must_be_of_the_product(cast: Cast, now: dt.datetime) -> None:
    for fields, field in (
        ({"roles": [cast.roles["erp_clerk"]]}, "roles"),
        ({"module": cast.modules["expenses"]}, "module"),
    ):
        with pytest.raises(BadInput) as refusal:
            created(cast, now, **fields)
        assert refusal.value.problems[0].field == field
    page = created(cast, now, roles=[cast.roles["crm_director"]], module=cast.modules["customers"])
    assert list(page.roles.all()) == [cast.roles["crm_director"]]


def test_an_address_shows_each_role_one_page(cast: Cast, now: dt.datetime) -> None:
    representative, director = cast.roles["crm_representative"], cast.roles["crm_director"]
    publish_page(created(cast, now, roles=[representative]), acting_user=cast.shenyi, now=now)
    same = created(cast, now, roles=[representative, director], title="另一篇")
    with pytest.raises(AddressTaken):
        publish_page(same, acting_user=cast.shenyi, now=now)
    other = created(cast, now, roles=[director], title="第三篇")
    publish_page(other, acting_user=cast.shenyi, now=now)
    assert Page.objects.published().filter(slug="export").count() == 2


def test_publishing_and_retiring_need_something_to_do(cast: Cast, now: dt.datetime) -> None:
    page = created(cast, now)
    with pytest.raises(NotPublished):
        retire_page(page, acting_user=cast.shenyi, now=now)
    publish_page(page, acting_user=cast.shenyi, now=now)
    with pytest.raises(NothingToPublish):
        publish_page(page, acting_user=cast.shenyi, now=now)
    retire_page(page, acting_user=cast.shenyi, now=now)
    publish_page(page, acting_user=cast.shenyi, now=now)
    assert Page.objects.get(pk=page.pk).status == PageStatus.PUBLISHED


def test_the_writing_page_saves_previews_and_keeps_both_texts(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    client = client_of(cast.shenyi)
    new = reverse("page_new", args=["crm"])
    fields = {"title": "导出客户", "body": "## 步骤", "kind": "feature_guide", "slug": "export"}
    seen = client.post(new, {**fields, "preview": "1"})
    assert '<h2 id="步骤">步骤</h2>' in seen.content.decode()
    assert not Page.objects.filter(slug="export").exists()
    assert client.post(new, fields).status_code == 302
    page = Page.objects.get(slug="export")
    edit = reverse("page_edit", args=[page.pk])
    assert client.post(edit, {"title": "导出客户", "body": "甲", "based_on": 1}).status_code == 302
    stale = client.post(edit, {"title": "导出客户", "body": "乙", "based_on": 1})
    assert stale.status_code == 409
    assert "甲" in stale.content.decode()
    assert "乙" in stale.content.decode()
    assert client_of(cast.liuyang).get(edit).status_code == 403


def test_a_page_cannot_carry_scripts(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    body = (
        "## 标题 <img src=x onerror=alert(1)>\n\n<script>alert(1)</script>\n\n| 甲 |\n|---|\n| 1 |"
    )
    page = publish_page(created(cast, now, body=body), acting_user=cast.shenyi, now=now)
    text = client_of(cast.liuyang).get(reverse("page", args=["crm", page.slug])).content.decode()
    prose = text.split('<div class="prose">')[1].split("</article>")[0]
    assert "<script" not in prose
    assert "<img" not in prose
    assert '<table class="table">' in prose
