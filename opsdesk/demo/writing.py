"""Manuals being written: a page with links, reviews that wait, were returned and approved."""

from __future__ import annotations

import datetime as dt
from typing import Any

from docs_portal.actions import (
    PageDraft,
    RevisionDraft,
    approve_review,
    ask_review,
    create_page,
    return_review,
    save_revision,
    set_writing_rules,
)
from docs_portal.actions.writing import latest, latest_position
from docs_portal.choices import PageKind, ReviewRule
from docs_portal.models import Page, Review
from docs_portal.policies.links import page_link
from opsdesk.demo.cast import Cast

_TRANSFER = """## 什么时候用

销售离职或换区时，把他名下的客户交给接手的人。

## 步骤

1. 打开 **客户 → 批量操作 → 转移**，选择原负责人。
2. 勾选客户，选择接手人，填写转移原因。
3. 点 **确认转移**。接手人和原负责人都会收到通知。

::: warning 转移后不能一键撤回
转错时要由接手人再转回来，拜访记录的归属不会跟着变。
:::

| 会跟着转的 | 不会跟着转的 |
|---|---|
| 客户资料、联系人 | 历史拜访记录 |
| 未完成的商机 | 已结束的商机 |
"""
_PHOTOS = """

::: tip 照片传不上去
先看 [给拜访记录加照片和附件]({link})：多数是网络或格式的问题。
:::
"""
_MONTH_END = "\n\n## 结账前的检查\n\n确认本月凭证都已审核，否则无法结账。\n"


def build_writing(cast: Cast, now: dt.datetime) -> None:
    """Told once: a manual whose reviews began already is left alone."""
    if Review.objects.exists():
        return
    _revise_visits(cast, now - dt.timedelta(days=3))
    _ask(cast, now)
    _return(cast, now - dt.timedelta(days=1))
    approval = Page.objects.filter(manual__product=cast.products["approval"]).first()
    if approval is not None:
        set_writing_rules(approval.manual, ReviewRule.MATERIAL, acting_user=cast.chenlu, now=now)


def _by(cast: Cast, name: str, now: dt.datetime) -> dict[str, Any]:
    return {"acting_user": cast.people[name], "now": now}


def _revise_visits(cast: Cast, now: dt.datetime) -> None:
    """The page of the representatives gets a hint with a link; 周敏 approves and publishes it."""
    page = Page.objects.filter(title="填写拜访记录").first()
    photos = Page.objects.filter(slug="visit-attachments").first()
    if page is None or photos is None:
        return
    old = latest(page)
    draft = RevisionDraft(
        old.title, old.body.rstrip() + _PHOTOS.format(link=page_link(photos.pk)), old.number,
        note="补充照片上传的提示", is_material=False,
    )  # fmt: skip
    new = save_revision(page, draft, **_by(cast, "shenyi", now))
    asked = ask_review(page, cast.zhoumin, "新加的提示说得清楚吗？", **_by(cast, "shenyi", now))
    approve_review(
        asked, "清楚。", seen_revision=new.number, publish=True,
        **_by(cast, "zhoumin", now + dt.timedelta(hours=2)),
    )  # fmt: skip


def _ask(cast: Cast, now: dt.datetime) -> None:
    """A new page waits for 林知夏."""
    draft = PageDraft(
        product=cast.products["crm"], title="批量转移客户", body=_TRANSFER, slug="transfer",
        kind=PageKind.FEATURE_GUIDE, roles=[cast.roles["crm_director"]],
        module=cast.modules["customers"], position=latest_position(cast.products["crm"]),
    )  # fmt: skip
    page = create_page(draft, **_by(cast, "shenyi", now - dt.timedelta(hours=5)))
    ask_review(
        page, cast.linzhixia, "转移范围的表格请对一下，商机那两行我不确定。",
        **_by(cast, "shenyi", now - dt.timedelta(hours=3)),
    )  # fmt: skip


def _return(cast: Cast, now: dt.datetime) -> None:
    """陈璐 wants more of the month's end before it is published."""
    page = Page.objects.filter(slug="month-end").first()
    if page is None:
        return
    old = latest(page)
    draft = RevisionDraft(
        old.title, old.body.rstrip() + _MONTH_END, old.number, note="结账前先检查什么"
    )
    new = save_revision(page, draft, **_by(cast, "zhoumin", now))
    asked = ask_review(page, cast.chenlu, **_by(cast, "zhoumin", now))
    return_review(
        asked, "少了跨月单据怎么处理，财务部每个月都问，请补一段。", seen_revision=new.number,
        **_by(cast, "chenlu", now + dt.timedelta(hours=1)),
    )  # fmt: skip
