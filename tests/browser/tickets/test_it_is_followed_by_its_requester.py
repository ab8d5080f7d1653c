"""Somebody who has never seen it submits with a screenshot, is told of every change, answers.

Once in Chinese and once in English, with a real SMTP server: each change of the name they see
reaches them in-app and by mail.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from core.models import Notice, OutboxRow
from core.tasks import deliver_outbox
from opsdesk.demo.cast import Cast
from tests.axe import axe_faults
from tests.browser.people import Person
from tests.standins import MailServer, mail_server
from tickets.actions import add_comment, edit_ticket, resolve_ticket
from tickets.choices import Impact, Resolution, Score, Status, Type
from tickets.models import Rating, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewContext = Callable[..., BrowserContext]


@dataclass(frozen=True)
class Words:
    """What the person reads, clicks and writes."""

    username: str
    locale: str
    trouble: str
    on: str
    submit: str
    submitted: str
    working: str
    confirm: str
    no: str
    because: str
    send: str
    yes: str
    done: str
    satisfied: str
    rated: str


CHINESE = Words(
    "liuyang", "zh-CN", "拜访记录提交后列表是空的", "下一步，提交工单", "提交", "已提交", "处理中",
    "待您确认", "还是不行，因为…", "列表仍然是空的", "发送", "好了，可以用", "已完成", "满意",
    "您的评价：满意",
)  # fmt: skip
ENGLISH = Words(
    "emma", "en", "The list stays empty after I submit a visit", "Go on to submit", "Submit",
    "Submitted", "In progress", "Please confirm", "It doesn't, because …", "Still empty", "Send",
    "It works", "Done", "Satisfied", "You rated it: Satisfied",
)  # fmt: skip


@pytest.fixture
def post(settings: Any, live_server: LiveServer) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.MAIL_SERVER_IS_GIVEN = True
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.BASE_URL = live_server.url
        yield server


class Told:
    """What has reached one person so far, in-app and by mail."""

    def __init__(self, person: User, post: MailServer) -> None:
        self.person, self.post = person, post
        self.notices, self.mails = 0, 0

    def of(self, words: str) -> None:
        """New notices have come, each by mail as well and once, and one says so."""
        OutboxRow.objects.filter(done_at__isnull=True).update(
            due_at=timezone.now() - dt.timedelta(seconds=1)
        )
        deliver_outbox()
        notices = Notice.objects.filter(recipient=self.person)
        mails = [mail for mail in self.post.arrived if self.person.email in str(mail["To"])]
        assert len({str(mail["Message-ID"]) for mail in mails}) == len(mails)
        new = mails[self.mails :]
        assert len(new) == notices.count() - self.notices > 0, words
        self.notices, self.mails = notices.count(), len(mails)
        assert any(words in f"{mail['Subject']}\n{_text(mail)}" for mail in new), words


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_a_person_who_has_never_seen_it_gets_through(
    live_server: LiveServer, cast: Cast, post: MailServer, new_context: NewContext,
    shoot: Callable[[Page, str], Path], words: Words,
) -> None:  # fmt: skip
    requester = cast.people[words.username]
    me = Person(new_context, live_server.url, words.username, words.locale)
    told = Told(requester, post)
    ticket = _submits(me, words)
    expect(me.page.locator("main")).to_contain_text(words.submitted)
    assert ticket.attachments.count() == 1

    _agent_answers(cast, ticket)
    told.of(words.working)
    _agent_resolves(cast, ticket)
    told.of(words.confirm)
    # From the inbox to the ticket, and no: what is wrong goes back with it.
    me.go("/inbox/")
    me.page.locator("button.notice").filter(has_text=ticket.ref).first.click()
    expect(me.page).to_have_url(re.compile(f"/my/{ticket.pk}/"))
    assert axe_faults(me.page) == []
    me.page.get_by_text(words.no).click()
    me.page.locator("main [name=reason]").fill(words.because)
    me.page.locator(".why").get_by_role("button", name=words.send).click()
    expect(me.page.locator("main")).to_contain_text(words.because)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.reopened_times) == (Status.OPEN, 1)

    _agent_resolves(cast, ticket)
    told.of(words.confirm)
    # The question stands on help home, and yes is one tap there.
    me.go("/help/")
    asked = me.page.locator(".asked")
    expect(asked).to_contain_text(ticket.title)
    assert axe_faults(me.page) == []
    shoot(me.page, f"asked-{words.locale}")
    asked.get_by_role("button", name=words.yes).click()
    expect(me.page.locator(".asked")).to_have_count(0)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.auto_confirmed) == (Status.CLOSED, False)
    _rates(me, ticket, words)
    shoot(me.page, f"rated-{words.locale}")
    assert me.faults == []


def _submits(me: Person, words: Words) -> Ticket:
    """From help home: words, a product, a pasted screenshot."""
    page = me.go("/help/")
    page.locator("#trouble").fill(words.trouble)
    me.button(words.on)
    expect(page).to_have_url(re.compile("/submit/"))
    page.wait_for_load_state("load")
    product = page.locator("[name=product]")
    if not product.input_value():
        product.select_option(index=1)
    field = page.locator("[name=description]")
    expect(field).to_have_value(words.trouble)
    me.paste_picture(field, "list.png")
    expect(page.locator("#submit-form")).to_contain_text("list.png")
    page.locator("#submit-form footer").get_by_role("button", name=words.submit).click()
    expect(page).to_have_url(re.compile(r"/my/\d+/"))
    return Ticket.objects.get(requester__username=words.username)


def _agent_answers(cast: Cast, ticket: Ticket) -> None:
    """Takes it in hand by an edit of its place, then by words: one change of the name they see."""
    now = timezone.now()
    module = ticket.product.modules.order_by("pk").first()
    fields: dict[str, Any] = {"type": Type.HOW_TO, "impact": Impact.MY_GROUP, "answer_gap": True}
    fields["module" if module is not None else "module_not_sure"] = module or True
    edit_ticket(ticket, fields, acting_user=cast.linzhixia, now=now)
    add_comment(Ticket.objects.get(pk=ticket.pk), "…", acting_user=cast.linzhixia, now=now)


def _agent_resolves(cast: Cast, ticket: Ticket) -> None:
    ticket = Ticket.objects.get(pk=ticket.pk)
    resolve_ticket(ticket, Resolution.ANSWERED, acting_user=cast.linzhixia, now=timezone.now())


def _rates(me: Person, ticket: Ticket, words: Words) -> None:
    """Optional: a score, the first reason that goes with it."""
    page = me.go(f"/my/{ticket.pk}/")
    expect(page.locator("main")).to_contain_text(words.done)
    form = page.locator(".rate")
    expect(form.locator("[name=reasons]:visible")).to_have_count(0)
    form.get_by_text(words.satisfied, exact=True).click()
    form.locator("[name=reasons]:visible").first.check()
    form.get_by_role("button", name=words.send).click()
    expect(page.locator("main")).to_contain_text(words.rated)
    rating = Rating.objects.get(ticket=ticket)
    assert (rating.score, rating.reasons) == (Score.SATISFIED, ["quick"])
