"""A named person approves exactly the text that is published, where the manual asks for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.errors import BadInput, NotAllowed
from core.events import history, unfolded
from core.models import Notice, OutboxRow
from core.tasks import deliver_row
from docs_portal.actions import (
    approve_review,
    ask_review,
    publish_page,
    restore_revision,
    return_review,
    set_writing_rules,
    withdraw_review,
)
from docs_portal.actions.writing import latest
from docs_portal.choices import PageStatus, ReviewRule, ReviewState
from docs_portal.errors import ReviewMissing, ReviewMoved, ReviewOver
from docs_portal.models import Page, Review, WritingRules
from opsdesk.demo.cast import Cast
from tests.docs_portal.manual_pages import by, drafted, published, revised

ClientOf = Callable[[User], Client]


def told(now: dt.datetime) -> list[tuple[str, str]]:
    later = now + dt.timedelta(minutes=5)
    waiting = OutboxRow.objects.filter(done_at=None, kind="notice", name__startswith="page.rev")
    for row in waiting.order_by("pk"):
        deliver_row(row, later)
    found = Notice.objects.filter(kind__startswith="page.review").order_by("pk")
    return [(notice.kind, notice.recipient.username) for notice in found]


def test_it_is_asked_returned_changed_approved_and_published(cast: Cast, now: dt.datetime) -> None:
    page = drafted(cast, now, "批量转移", "第一版")
    asked = ask_review(page, cast.linzhixia, "表格对吗？", **by(cast, now))
    page.refresh_from_db()
    assert page.status == PageStatus.IN_REVIEW
    with pytest.raises(NotAllowed):
        return_review(asked, "不对", seen_revision=1, **by(cast, now, "zhoumin"))
    with pytest.raises(BadInput):
        return_review(asked, " ", seen_revision=1, **by(cast, now, "linzhixia"))
    return_review(asked, "少一步", seen_revision=1, **by(cast, now, "linzhixia"))
    page.refresh_from_db()
    assert page.status == PageStatus.DRAFT
    revised(cast, now, page, "第二版")
    again = ask_review(page, cast.linzhixia, **by(cast, now))
    approve_review(again, "好", seen_revision=2, publish=True, **by(cast, now, "linzhixia"))
    row = Page.objects.get(pk=page.pk)
    assert (row.status, row.published_revision) == (PageStatus.PUBLISHED, latest(row))
    assert unfolded(row) == {}
    verbs = [event.verb for event in history("page", page.pk)]
    assert verbs == [
        "create", "ask_review", "return", "revise", "ask_review", "approve", "publish",
    ]  # fmt: skip
    assert [kind for kind, _who in told(now)] == ["page.review_returned", "page.review_approved"]
    with pytest.raises(ReviewOver):
        return_review(again, "晚了", seen_revision=2, **by(cast, now, "linzhixia"))


def test_the_reviewer_is_told_and_answers_on_a_page(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    page = drafted(cast, now, "批量转移", "第一版")
    ask_review(page, cast.linzhixia, **by(cast, now))
    assert told(now) == [("page.review_asked", "linzhixia")]
    review = Review.objects.get(page=page)
    client = client_of(cast.linzhixia)
    assert page.title in client.get(reverse("reviews")).content.decode()
    address = reverse("review", args=[review.pk])
    assert "第一版" in client.get(address).content.decode()
    refused = client.post(address, {"answer": "return", "comment": "", "seen": 1, "form_key": "a"})
    assert refused.status_code == 422
    done = client.post(address, {"answer": "publish", "seen": 1, "form_key": "b"})
    assert done.status_code == 302
    assert Page.objects.get(pk=page.pk).status == PageStatus.PUBLISHED
    assert client_of(cast.liuyang).get(address).status_code == 404


def test_a_text_that_changed_under_the_reviewer_is_not_approved(
    cast: Cast, now: dt.datetime
) -> None:
    page = drafted(cast, now, "批量转移", "第一版")
    asked = ask_review(page, cast.linzhixia, **by(cast, now))
    revised(cast, now, page, "第二版")
    with pytest.raises(ReviewMoved):
        approve_review(asked, seen_revision=1, **by(cast, now, "linzhixia"))
    approve_review(asked, seen_revision=2, **by(cast, now, "linzhixia"))
    assert Review.objects.get(pk=asked.pk).revision.number == 2


@pytest.mark.parametrize(
    ("rule", "minor_is_free"),
    [(ReviewRule.NEVER, True), (ReviewRule.MATERIAL, True), (ReviewRule.ALWAYS, False)],
)
def test_the_manuals_rules_decide_what_needs_a_review(
    cast: Cast, now: dt.datetime, rule: str, minor_is_free: bool
) -> None:
    page = published(cast, now, "导出", "第一版")
    rules = set_writing_rules(page.manual, rule, **by(cast, now))
    assert WritingRules.objects.get().review == rule
    assert [event.verb for event in history("writing_rules", rules.pk)] == ["create"]
    revised(cast, now, page, "第一版。", is_material=False)
    if minor_is_free:
        publish_page(page, **by(cast, now))
    else:
        with pytest.raises(ReviewMissing):
            publish_page(page, **by(cast, now))
    revised(cast, now, page, "第二版", is_material=True)
    # A change of wording on top of one of meaning takes that along.
    newest = revised(cast, now, page, "第二版。", is_material=False)
    if rule == ReviewRule.NEVER:
        publish_page(page, **by(cast, now))
        return
    with pytest.raises(ReviewMissing):
        publish_page(page, **by(cast, now))
    asked = ask_review(page, cast.zhoumin, **by(cast, now))
    approve_review(asked, seen_revision=newest.number, **by(cast, now, "zhoumin"))
    publish_page(page, **by(cast, now))
    # An approval is of one text: the next one needs its own.
    revised(cast, now, page, "第三版", is_material=True)
    with pytest.raises(ReviewMissing):
        publish_page(page, **by(cast, now))


def test_nobody_reviews_for_themselves_or_without_a_right(cast: Cast, now: dt.datetime) -> None:
    page = drafted(cast, now, "批量转移", module=cast.modules["visits"])
    for person in (cast.shenyi, cast.liuyang):
        with pytest.raises(BadInput) as refused:
            ask_review(page, person, **by(cast, now))
        assert refused.value.problems[0].field == "reviewer"
    owner = cast.modules["visits"].owner
    assert owner is not None
    asked = ask_review(page, owner, **by(cast, now))
    # The owner of the module knows, and does not write the manual: approves, cannot publish.
    with pytest.raises(NotAllowed):
        approve_review(asked, seen_revision=1, publish=True, acting_user=owner, now=now)
    assert Review.objects.get(pk=asked.pk).state == ReviewState.WAITING
    approve_review(asked, seen_revision=1, acting_user=owner, now=now)
    other = drafted(cast, now, "另一页")
    open_one = ask_review(other, cast.linzhixia, **by(cast, now))
    withdraw_review(open_one, **by(cast, now))
    other.refresh_from_db()
    assert other.status == PageStatus.DRAFT
    assert "page.review_asked" not in [k for k, who in told(now) if who == "linzhixia"]


def test_roles_change_with_the_publication_and_an_older_text_comes_back(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    page = published(cast, now, "导出", "第一版")
    revised(cast, now, page, "第二版", roles=[cast.roles["crm_director"]])
    assert not page.roles.exists()
    publish_page(page, **by(cast, now))
    assert list(page.roles.all()) == [cast.roles["crm_director"]]
    with pytest.raises(BadInput):
        restore_revision(page, 9, based_on=2, **by(cast, now))
    back = restore_revision(page, 1, based_on=2, **by(cast, now))
    assert (back.number, back.body) == (3, "第一版")
    shown = client_of(cast.shenyi).get(reverse("page_history", args=[page.pk])).content.decode()
    assert "<del>二</del>" in shown
    assert "<ins>一</ins>" in shown
