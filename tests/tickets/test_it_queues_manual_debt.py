"""One queue of what the manuals owe, from every app, worst first; taking an item opens a draft."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.errors import BadInput, NotAllowed
from core.models import Event, OutboxRow
from core.registry import notice_kind
from docs_portal.access.debt import Owed, debt_for, get_debt
from docs_portal.actions import (
    RevisionDraft,
    draft_from_answer,
    give_back_debt,
    hear_voice,
    publish_page,
    record_missing_page,
    record_read,
    record_search_miss,
    save_revision,
    say_of_page,
    settle_debt,
    take_debt,
)
from docs_portal.choices import DebtOutcome, PageStatus, VoiceReason
from docs_portal.errors import DebtTaken, NotPublished
from docs_portal.models import DebtItem, Page, PageVoice, TicketAfterReading
from docs_portal.policies.debt import Seed
from feedback import actions as feedback
from feedback.models import Demand, Release
from opsdesk.demo.cast import Cast
from opsdesk.demo.pages import build_pages
from tests.tickets import ladder
from tickets.actions import TicketDraft, edit_ticket, resolve_ticket, submit_ticket
from tickets.choices import Level, Resolution
from tickets.models import Ticket
from tickets.receivers import on_ticket_submitted
from tickets.search.debt import seed_from

ClientOf = Callable[[User], Client]
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _clock(now: dt.datetime) -> Any:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def page(cast: Cast, now: dt.datetime) -> Page:
    build_pages(cast, now - 20 * DAY)
    return Page.objects.get(title="填写拜访记录")


def queue(cast: Cast, now: dt.datetime, reader: User | None = None) -> dict[str, Owed]:
    return {owed.debt.place.key: owed for owed in debt_for(reader or cast.linzhixia, now)}


def by(person: User, now: dt.datetime) -> dict[str, Any]:
    return {"acting_user": person, "now": now}


def counts(owed: Owed) -> dict[str, int]:
    return {name: part.count for name, part in owed.debt.parts.items()}


def answered_without_page(cast: Cast, now: dt.datetime) -> Ticket:
    ticket = ladder.answered(cast, now)
    edited = edit_ticket(ticket, {"answer_gap": True}, **by(cast.linzhixia, now))
    return resolve_ticket(edited, Resolution.ANSWERED, **by(cast.linzhixia, now))


def test_a_word_reaches_the_writer_once_and_a_later_one_replaces_it(
    cast: Cast, page: Page, now: dt.datetime
) -> None:
    writer = page.published_revision.author if page.published_revision else None
    assert writer is not None
    say_of_page(page, is_helpful=True, **by(cast.liuyang, now))
    told = OutboxRow.objects.filter(name="page.voice")
    assert not told.exists()
    said = say_of_page(
        page, is_helpful=False, reason=VoiceReason.WRONG, comment="按钮改名了",
        **by(cast.liuyang, now + HOUR),
    )  # fmt: skip
    assert PageVoice.objects.get() == said
    row = told.get()
    assert row.payload["recipient"] == writer.pk
    kind = notice_kind("page.voice")
    assert kind.may_receive(writer, row.payload["params"])
    assert not kind.may_receive(cast.liuyang, row.payload["params"])
    again = say_of_page(
        page, is_helpful=False, reason=VoiceReason.WRONG, comment="按钮改名了",
        **by(cast.liuyang, now + 2 * HOUR),
    )  # fmt: skip
    assert (again.version, told.count()) == (2, 1)
    assert "按钮" not in str(list(Event.objects.filter(subject="page_voice").values("changes")))
    voices = queue(cast, now + HOUR)[f"page:{page.pk}"]
    assert counts(voices) == {"not_helpful": 1}
    hear_voice(said, **by(cast.linzhixia, now + HOUR))
    assert f"page:{page.pk}" not in queue(cast, now + HOUR)


def test_only_readers_judge_and_only_published_pages(
    cast: Cast, page: Page, now: dt.datetime
) -> None:
    with pytest.raises(NotAllowed):
        say_of_page(page, is_helpful=True, **by(cast.zhaoyi, now))
    with pytest.raises(BadInput):
        say_of_page(page, is_helpful=False, reason="boring", **by(cast.liuyang, now))
    with pytest.raises(BadInput):
        say_of_page(page, is_helpful=True, reason="wrong", **by(cast.liuyang, now))
    Page.objects.filter(pk=page.pk).update(status=PageStatus.RETIRED)
    with pytest.raises(NotPublished):
        say_of_page(Page.objects.get(pk=page.pk), is_helpful=True, **by(cast.liuyang, now))
    assert not PageVoice.objects.exists()


def test_a_ticket_within_the_hour_after_reading_counts_against_the_page(
    cast: Cast, page: Page, now: dt.datetime
) -> None:
    record_read(page, **by(cast.liuyang, now - 2 * HOUR))
    record_read(page, **by(cast.wangke, now - HOUR / 2))
    tickets = [
        submit_ticket(
            TicketDraft(product=cast.products[product], description="还是不会"), **by(person, now)
        )
        for person, product in ((cast.liuyang, "crm"), (cast.wangke, "crm"), (cast.wangke, "erp"))
    ]
    for ticket in tickets:
        for _twice in range(2):
            on_ticket_submitted({"ticket_id": ticket.pk}, now)
    found = TicketAfterReading.objects.get()
    assert (found.person, found.ticket_id) == (cast.wangke, tickets[1].pk)
    assert counts(queue(cast, now + HOUR)[f"page:{page.pk}"]) == {"after_reading": 1}


def test_every_source_joins_the_queue_worst_first(cast: Cast, page: Page, now: dt.datetime) -> None:
    for person in (cast.liuyang, cast.wangke, cast.liuyang):
        record_search_miss("怎么批量删除", product=None, **by(person, now))
    record_search_miss("怎么批量删除", product=cast.products["crm"], **by(cast.emma, now))
    record_missing_page(page, **by(cast.wangke, now))
    say_of_page(page, is_helpful=False, **by(cast.liuyang, now))
    say_of_page(page, is_helpful=False, ticket_id=1, **by(cast.linzhixia, now))
    ticket = answered_without_page(cast, now)
    released(cast, now - DAY)
    found = queue(cast, now + HOUR)
    assert counts(found["words:0:怎么批量删除"]) == {"searches": 2}
    assert counts(found[f"words:{cast.products['crm'].pk}:怎么批量删除"]) == {"searches": 1}
    assert counts(found[f"role:{page.pk}"]) == {"other_role": 1}
    assert counts(found[f"module:{ticket.product_id}:{ticket.module_id or 0}"]) == {"no_page": 1}
    mending = found[f"page:{page.pk}"]
    assert counts(mending) == {"not_helpful": 1, "flagged": 1, "stale": 1}
    assert mending.debt.score == 3 + 5 + 2
    scores = [owed.debt.score for owed in found.values()]
    assert scores == sorted(scores, reverse=True)
    assert next(iter(found.values())) == mending


def released(cast: Cast, now: dt.datetime, *, unchanged: bool = False) -> Release:
    """A release with a demand in the module of the visits."""
    release = feedback.create_release(
        cast.products["crm"], "2.4", planned_on=None, **by(cast.linzhixia, now)
    )
    demand = feedback.create_demand(
        feedback.DemandDraft(
            title="批量提交拜访", problem="一条条提交太慢", product=cast.products["crm"],
            module=cast.modules["visits"],
        ),
        **by(cast.linzhixia, now),
    )  # fmt: skip
    # The whole loop of a demand has its own tests; here only its end matters.
    Demand.objects.filter(pk=demand.pk).update(release=release)
    Release.objects.filter(pk=release.pk).update(
        status="released", released_at=now, pages_unchanged=unchanged
    )
    return release


def test_a_release_makes_pages_stale_unless_its_gate_says_no_change(
    cast: Cast, page: Page, now: dt.datetime
) -> None:
    release = released(cast, now - DAY)
    stale = {key for key, owed in queue(cast, now).items() if "stale" in owed.debt.parts}
    modules = Page.objects.published().filter(module=cast.modules["visits"])
    assert stale == {f"page:{pk}" for pk in modules.values_list("pk", flat=True)}
    assert f"page:{page.pk}" in stale
    publish_again(page, cast, now)
    assert f"page:{page.pk}" not in queue(cast, now)
    Release.objects.filter(pk=release.pk).update(pages_unchanged=True)
    assert not queue(cast, now)


def publish_again(page: Page, cast: Cast, now: dt.datetime, *, is_material: bool = True) -> None:
    newest = page.revisions.order_by("-number")[0]
    draft = RevisionDraft(page.title, f"{newest.body}\n\n新的。", newest.number,
                          is_material=is_material)  # fmt: skip
    save_revision(page, draft, **by(cast.linzhixia, now))
    publish_page(page, **by(cast.linzhixia, now))


def test_a_change_of_meaning_answers_what_was_said_and_wording_does_not(
    cast: Cast, page: Page, now: dt.datetime
) -> None:
    say_of_page(page, is_helpful=False, **by(cast.liuyang, now - HOUR))
    publish_again(page, cast, now, is_material=False)
    assert f"page:{page.pk}" in queue(cast, now)
    publish_again(page, cast, now + HOUR)
    assert f"page:{page.pk}" not in queue(cast, now + HOUR)


def test_taking_opens_a_draft_for_one_writer_and_publishing_ends_it(
    cast: Cast, page: Page, now: dt.datetime
) -> None:
    crm = cast.products["crm"]
    record_search_miss("怎么批量删除", product=crm, **by(cast.liuyang, now))
    key = f"words:{crm.pk}:怎么批量删除"
    place = queue(cast, now)[key].debt.place
    seed = Seed(title="怎么批量删除", body="## 步骤")
    item = take_debt(place, seed, crm, **by(cast.linzhixia, now))
    draft = Page.objects.get(pk=item.draft_id or 0)
    assert (draft.status, draft.title) == (PageStatus.DRAFT, "怎么批量删除")
    assert take_debt(place, seed, crm, **by(cast.linzhixia, now)) == item
    with pytest.raises(DebtTaken):
        take_debt(place, seed, crm, **by(cast.zhoumin, now))
    with pytest.raises(DebtTaken):
        settle_debt(place, "x", crm, DebtOutcome.NOT_NEEDED, **by(cast.zhoumin, now))
    assert queue(cast, now)[key].is_taken
    give_back_debt(item, **by(cast.linzhixia, now))
    again = take_debt(place, seed, crm, **by(cast.zhoumin, now))
    assert again.draft_id == draft.pk
    publish_page(draft, **by(cast.zhoumin, now + HOUR))
    assert key not in queue(cast, now + HOUR)
    record_search_miss("怎么批量删除", product=crm, **by(cast.wangke, now + DAY))
    assert counts(queue(cast, now + DAY)[key]) == {"searches": 1}
    with pytest.raises(NotAllowed):
        take_debt(place, seed, crm, **by(cast.liuyang, now))


def test_a_decision_ends_an_item_until_something_new_comes_up(
    cast: Cast, page: Page, now: dt.datetime
) -> None:
    crm = cast.products["crm"]
    record_search_miss("午餐菜单", product=crm, **by(cast.liuyang, now))
    key = f"words:{crm.pk}:午餐菜单"
    place = queue(cast, now)[key].debt.place
    with pytest.raises(BadInput):
        settle_debt(place, "午餐菜单", crm, "burn", **by(cast.linzhixia, now))
    settle_debt(
        place, "午餐菜单", crm, DebtOutcome.NOT_NEEDED, "不归我们", **by(cast.linzhixia, now)
    )
    assert key not in queue(cast, now)
    assert DebtItem.objects.get().note == "不归我们"
    record_search_miss("午餐菜单", product=crm, **by(cast.wangke, now + DAY))
    assert key in queue(cast, now + DAY)


def test_a_page_drafted_from_a_ticket_takes_it_from_the_queue(
    cast: Cast, page: Page, now: dt.datetime
) -> None:
    ticket = answered_without_page(cast, now)
    key = f"module:{ticket.product_id}:{ticket.module_id or 0}"
    assert key in queue(cast, now)
    seed = seed_from(ticket)
    drafts = {
        draft_from_answer(ticket.pk, seed, ticket.product, **by(cast.linzhixia, now)).pk
        for _twice in range(2)
    }
    draft = Page.objects.get(pk=drafts.pop())
    assert not drafts
    body = draft.revisions.get().body
    answer = ticket.comments.exclude(author=ticket.requester).get()
    assert answer.body.strip() in body
    assert ticket.description not in body
    assert key not in queue(cast, now)
    assert ticket.level == Level.RESOLVE


def test_the_queue_is_of_ones_products_and_for_writers(
    cast: Cast, page: Page, now: dt.datetime, client_of: ClientOf
) -> None:
    say_of_page(page, is_helpful=False, comment="<b>x</b>", **by(cast.liuyang, now))
    address = reverse("manual_debt")
    assert client_of(cast.liuyang).get(address).status_code == 403
    client = client_of(cast.linzhixia)
    text = client.get(address).content.decode()
    assert page.title in text
    owed = queue(cast, now)[f"page:{page.pk}"]
    token = owed.debt.place.token
    detail = client.get(reverse("debt_item", args=[token])).content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;" in detail
    assert client.get(reverse("debt_item", args=["0" * 20])).status_code == 404
    taken = client.post(reverse("debt_take", args=[token]))
    assert taken.headers["Location"] == reverse("page_edit", args=[page.pk])
    assert get_debt(cast.linzhixia, token, now).is_taken
    assert reverse("debt_give_back", args=[DebtItem.objects.get().pk]) in (
        client.get(address).content.decode()
    )


def test_the_reader_is_asked_why_and_thanked(cast: Cast, page: Page, client_of: ClientOf) -> None:
    client = client_of(cast.liuyang)
    opened = client.get(reverse("page", args=["crm", page.slug])).content.decode()
    address = reverse("page_helpful", args=[page.pk])
    assert f'action="{address}"' in opened
    htmx = {"HX-Request": "true"}
    asked = client.post(address, {"is_helpful": "no"}, headers=htmx).content.decode()
    assert 'name="reason"' in asked
    sent = {"is_helpful": "no", "reason": "unclear", "comment": "第三步看不懂", "more": "1"}
    thanked = client.post(address, sent, headers=htmx).content.decode()
    assert 'name="reason"' not in thanked
    voice = PageVoice.objects.get()
    assert (voice.is_helpful, voice.reason, voice.comment) == (False, "unclear", "第三步看不懂")
    assert client.post(address, {"is_helpful": "maybe"}).status_code == 422
    other = Page.objects.get(title="审阅拜访记录")
    secret = reverse("page_helpful", args=[other.pk])
    assert client.post(secret, {"is_helpful": "no"}).status_code == 404


def test_from_a_ticket_a_page_is_found_flagged_and_counted(
    cast: Cast, page: Page, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = ladder.answered(cast, now)
    agent = client_of(cast.linzhixia)
    finder = agent.get(reverse("ticket_pages", args=[ticket.pk]), {"words": "拜访"})
    offered = re.findall(r'name="answer_page" value="(\d+)"', finder.content.decode())
    assert offered
    assert client_of(cast.liuyang).get(reverse("ticket_pages", args=[ticket.pk])).status_code in (
        403, 404,
    )  # fmt: skip
    wrong = reverse("ticket_page_wrong", args=[ticket.pk])
    assert agent.get(wrong).status_code == 404
    chosen = Page.objects.get(pk=offered[0])
    edit_ticket(ticket, {"answer_page": chosen}, **by(cast.linzhixia, now))
    agent.post(wrong, {"reason": "outdated", "comment": "菜单换了位置"})
    assert PageVoice.objects.get().ticket_id == ticket.pk
    assert counts(queue(cast, now + HOUR)[f"page:{chosen.pk}"]) == {"flagged": 1}
    answered = agent.get(reverse("page_answered", args=[chosen.pk])).content.decode()
    assert reverse("page_tickets", args=[chosen.pk]) in answered
    listed = agent.get(reverse("page_tickets", args=[chosen.pk])).content.decode()
    assert ticket.ref in listed
    reader = client_of(ticket.requester).get(reverse("page_answered", args=[chosen.pk]))
    assert "1" in reader.content.decode()
    assert "href" not in reader.content.decode()
    assert client_of(cast.liuyang).get(reverse("page_tickets", args=[chosen.pk])).status_code == 403
