"""Self-service in the weekly report: a figure of the cohort whose seven days are over."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from docs_portal.models import Page
from opsdesk.demo.cast import Cast
from opsdesk.demo.pages import build_pages
from reports.policies.help_rows import help_rows
from reports.policies.report import compute_report, knowledge
from reports.policies.summary import from_sums, share_value
from reports.policies.weeks import Week
from reports.rendering.words import figure_text, is_thin
from tests.tickets.test_it_counts_self_service import helped
from tickets.actions import TicketDraft, edit_ticket, say_solved, submit_ticket, take_back_solved

DAY = dt.timedelta(days=1)


@pytest.fixture
def page(cast: Cast, now: dt.datetime) -> Page:
    build_pages(cast, now - 40 * DAY)
    return Page.objects.get(title="填写拜访记录")


def test_the_report_counts_what_the_page_counts(cast: Cast, page: Page, now: dt.datetime) -> None:
    week = Week.of(now).shift(-1)
    begun = week.shift(-2).starts_at + DAY
    people = [cast.liuyang, cast.wangke, cast.zhaoyi, cast.emma]
    words: list[Any] = []
    for person in people:
        session = helped(cast, page, begun, person=person)
        words.append(say_solved(session, "page", page.pk, acting_user=person, now=begun))
    helped(cast, page, begun, person=cast.shenyi)
    crm, erp = cast.products["crm"], cast.products["erp"]
    submit_ticket(TicketDraft(crm, "还是不行"), acting_user=cast.wangke, now=begun + 6 * DAY)
    # Submitted about another product, and judged to be about this one within the report's time.
    moved = submit_ticket(TicketDraft(erp, "打不开"), acting_user=cast.zhaoyi, now=begun + DAY)
    edit_ticket(moved, {"product": crm}, acting_user=cast.linzhixia, now=begun + 2 * DAY)
    take_back_solved(words[3], acting_user=cast.emma, now=begun + DAY)
    known = knowledge()
    assert known is not None
    report = compute_report(week, known)
    rows = [row for row in report.rows if row.figure == "self_service"]
    assert [row.amount for row in rows] == [1, 0, 0, 0, 0]
    found = report.figures["self_service"]
    assert (found["met"], found["n"], found["value"]) == (1, 5, 0.2)
    assert is_thin("self_service", found)
    assert figure_text("self_service", found) == "样本不足"
    assert "20" in figure_text("self_service", share_value(40, 200))
    assert from_sums("self_service", {"rows": 5, "met": 1}) == share_value(1, 5)


def test_what_comes_later_changes_no_past_week(cast: Cast, page: Page, now: dt.datetime) -> None:
    begun = now - 15 * DAY
    session = helped(cast, page, begun)
    said = say_solved(session, "page", page.pk, acting_user=cast.liuyang, now=begun)
    span = (begun - DAY, begun + DAY, begun + 8 * DAY)
    before = list(help_rows(*span))
    take_back_solved(said, acting_user=cast.liuyang, now=begun + 9 * DAY)
    submit_ticket(
        TicketDraft(cast.products["crm"], "又坏了"), acting_user=cast.liuyang, now=begun + 9 * DAY
    )
    assert list(help_rows(*span)) == before
    assert before[0].amount == 1
    assert not list(help_rows(begun - DAY, begun + DAY, begun + 6 * DAY))
