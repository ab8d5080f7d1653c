"""The manuals of the demo company: for each role the page about its own part of the work.

Sales representatives and directors open the same address and read different pages.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from importlib import resources

from django.db import transaction

from docs_portal.actions import PageDraft, create_page, publish_page
from docs_portal.choices import PageKind
from docs_portal.models import Page
from opsdesk.demo.cast import Cast


@dataclass(frozen=True)
class _Page:
    """`file` in `texts/` is its Markdown; `module` is a key of the cast, or empty."""

    product: str
    slug: str
    title: str
    file: str
    roles: tuple[str, ...] = ()
    module: str = ""
    kind: str = PageKind.FEATURE_GUIDE
    feature: str = ""


PAGES = (
    _Page("crm", "introduction", "星图 CRM 是什么", "crm-introduction", kind=PageKind.INTRODUCTION),
    _Page(
        "crm", "visit-records", "填写拜访记录", "crm-visit-file", ("crm_representative",), "visits",
        feature="提交拜访记录",
    ),
    _Page(
        "crm", "visit-records", "审阅拜访记录", "crm-visit-review", ("crm_director",), "visits",
        feature="审阅拜访记录",
    ),
    _Page(
        "crm", "visit-attachments", "给拜访记录加照片和附件", "crm-visit-attachments",
        ("crm_representative",), "visits", feature="拜访附件",
    ),
    _Page(
        "crm", "customers", "新建客户与查重", "crm-customers",
        ("crm_representative", "crm_director"), "customers", feature="新建客户",
    ),
    _Page(
        "crm", "customer-export", "导出客户清单", "crm-customer-export", ("crm_director",),
        "customers", feature="导出客户",
    ),
    _Page(
        "approval", "expense", "提交报销审批", "approval-expense", ("approval_applicant",), "flows",
    ),
    _Page("approval", "expense", "审批报销单", "approval-approve", ("approval_approver",), "flows"),
    _Page(
        "erp", "expense-form", "填写报销单与识别发票", "erp-expense", ("erp_employee",), "expenses",
    ),
    _Page("erp", "month-end", "月末结账", "erp-month-end", ("erp_clerk",), "ledger"),
    _Page(
        "erp", "access", "开通与找回禾账账号", "erp-access", kind=PageKind.ACCESS
    ),
)  # fmt: skip


@transaction.atomic
def build_pages(cast: Cast, now: dt.datetime) -> list[Page]:
    """Every page, written and published by 沈奕; a manual that has pages already is left alone."""
    if Page.objects.exists():
        return list(Page.objects.order_by("pk"))
    return [_publish(cast, page, place, now) for place, page in enumerate(PAGES, start=1)]


def _publish(cast: Cast, wanted: _Page, place: int, now: dt.datetime) -> Page:
    module = cast.modules[wanted.module] if wanted.module else None
    page = create_page(
        PageDraft(
            product=cast.products[wanted.product],
            title=wanted.title,
            body=text_of(wanted.file),
            kind=wanted.kind,
            roles=[cast.roles[role] for role in wanted.roles],
            slug=wanted.slug,
            module=module,
            feature=module.features.filter(name=wanted.feature).first() if module else None,
            position=place,
        ),
        acting_user=cast.shenyi,
        now=now,
    )
    return publish_page(page, acting_user=cast.shenyi, now=now)


def text_of(name: str) -> str:
    """The Markdown of one page."""
    file = resources.files("opsdesk.demo") / "texts" / f"{name}.md"
    return file.read_text(encoding="utf-8")
