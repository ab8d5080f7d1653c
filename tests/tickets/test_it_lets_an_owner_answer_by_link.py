"""The signed link of an owner: GET shows, POST acts, once each, for this push only."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from catalog import actions as catalog
from catalog.choices import PermissionRole
from core.models import Event
from opsdesk.demo.cast import Cast
from tests.api.calling import everything
from tests.tickets import ladder
from tickets.actions import (
    accept_cause,
    decline_cause,
    push_cause,
    push_ticket,
)
from tickets.choices import CauseState, ReturnReason, Status
from tickets.models import Cause, OwnerLink, Ticket
from tickets.policies.owner_links import LINK_DAYS, token_of

DAY = dt.timedelta(days=1)


@pytest.fixture
def link(cast: Cast, now: dt.datetime) -> str:
    """The path of the link in the message about a cause with one ticket."""
    cause = ladder.cause(cast, now)
    push_ticket(ladder.screened(cast, now), cause, acting_user=cast.linzhixia, now=now)
    return path_of(OwnerLink.objects.get())


def path_of(link: OwnerLink) -> str:
    return f"/o/{token_of(link.nonce)}/"


def page(path: str, now: dt.datetime) -> str:
    with time_machine.travel(now, tick=False):
        return Client().get(path).content.decode()


def post(path: str, now: dt.datetime, **sent: object) -> int:
    with time_machine.travel(now, tick=False):
        # As a mail program's own browser: no cookie, no session, CSRF checked.
        return Client(enforce_csrf_checks=True).post(path, sent).status_code


def accept(path: str, now: dt.datetime, days: int = 3) -> int:
    return post(path, now, act="accept", promised_on=(now.date() + days * DAY).isoformat())


def test_scanners_change_nothing(cast: Cast, now: dt.datetime, link: str) -> None:
    before = everything()
    with time_machine.travel(now, tick=False):
        for method in ("get", "head", "options"):
            for query in ("", "?act=accept", "?act=decline"):
                answer = getattr(Client(), method)(f"{link}{query}")
                assert answer.status_code in (200, 405)
    assert everything() == before
    assert answer["Referrer-Policy"] == "no-referrer" if answer.status_code == 200 else True


def test_the_page_shows_what_is_asked_and_nothing_else(
    cast: Cast, now: dt.datetime, link: str
) -> None:
    with time_machine.travel(now, tick=False):
        answer = Client().get(link)
    text = answer.content.decode()
    assert "部门编码变更后视图不同步" in text
    assert "用测试账号复现" in text
    assert "王珂" not in text
    assert "noindex" in answer["X-Robots-Tag"]
    assert (answer["Referrer-Policy"], answer["Cache-Control"]) == ("no-referrer", "no-store")
    # Nothing on it leads to other data, and nothing of it is kept by the browser for others.
    assert re.findall(r'href="(/(?!static)[^"]*)"', text) == []
    assert not answer.cookies
    token = link.split("/")[2]
    assert not OwnerLink.objects.filter(token_hash=token).exists()
    assert Client().get(f"/o/{token[:-1]}x/").status_code == 404


def test_accept_date_and_deliver_in_a_row(cast: Cast, now: dt.datetime, link: str) -> None:
    assert accept(link, now) == 302
    cause = Cause.objects.get()
    assert (cause.state, cause.promised_on) == (CauseState.ACCEPTED, now.date() + 3 * DAY)
    event = Event.objects.filter(subject="cause", verb="accept").latest("pk")
    assert (event.actor_id, event.data["by"]) == (cast.hesiyuan.pk, "link")
    later = (now.date() + 5 * DAY).isoformat()
    assert post(link, now, act="date", promised_on=later) == 302
    assert post(link, now, act="deliver", text="", category="code") == 422
    assert post(link, now, act="deliver", text="视图条件写死", category="code", module="") == 302
    cause.refresh_from_db()
    assert (cause.state, cause.slips) == (CauseState.DELIVERED, 1)
    assert Ticket.objects.get().status == Status.OPEN
    shown = page(link, now)
    assert shown.count("<form") == 0
    assert "您已交付" in shown


def test_each_act_once(cast: Cast, now: dt.datetime, link: str) -> None:
    assert accept(link, now) == 302
    before = everything()
    assert accept(link, now, days=9) == 409
    assert everything() == before
    with time_machine.travel(now, tick=False):
        answer = Client().post(link, {"act": "accept", "promised_on": "2026-12-01"})
    assert "已经" in answer.content.decode()
    # The other acts of the same link still work.
    sent = {"act": "decline", "reason": "misjudged", "note": "不是我们"}
    assert post(link, now, **sent) == 302
    assert Cause.objects.get().declines.get().note == "不是我们"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"act": "accept", "promised_on": ""}, "promised_on"),
        ({"act": "accept", "promised_on": "2020-01-01"}, "promised_on"),
        ({"act": "accept", "promised_on": "2026-02-30"}, "promised_on"),
        ({"act": "decline", "reason": "", "note": "x"}, "reason"),
        ({"act": "decline", "reason": "bored", "note": "x"}, "reason"),
        ({"act": "decline", "reason": "misjudged", "note": ""}, "note"),
        ({"act": "deliver", "text": "早了", "category": "code"}, ""),
        ({"act": "explode"}, ""),
        ({}, ""),
    ],
)
def test_bad_input_changes_nothing_and_keeps_the_link(
    cast: Cast, now: dt.datetime, link: str, sent: dict[str, str], field: str
) -> None:
    before = everything()
    with time_machine.travel(now, tick=False):
        answer = Client().post(link, sent)
    assert answer.status_code == 422
    assert everything() == before
    if field:
        assert f'id="{sent["act"]}_{field}' in answer.content.decode()
    assert accept(link, now) == 302


def test_it_runs_out(cast: Cast, now: dt.datetime, link: str) -> None:
    almost = now + dt.timedelta(days=LINK_DAYS, seconds=-1)
    assert "<form" in page(link, almost)
    assert "<form" not in page(link, almost + dt.timedelta(seconds=1))
    assert accept(link, almost + dt.timedelta(seconds=1)) == 409
    assert Cause.objects.get().state == CauseState.PUSHED
    assert accept(link, almost) == 302


@pytest.mark.parametrize("what", ["another owner", "the same again", "left", "answered inside"])
def test_it_ends_with_the_push_it_was_made_for(
    cast: Cast, now: dt.datetime, link: str, what: str
) -> None:
    cause = Cause.objects.get()
    said: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now + dt.timedelta(hours=1)}
    if what == "another owner":
        catalog.grant_role(
            cast.xucheng, PermissionRole.OWNER, product=cast.products["crm"],
            acting_user=cast.admin, now=now,
        )  # fmt: skip
        push_cause(cause, User.objects.get(pk=cast.xucheng.pk), **said)
    elif what == "the same again":
        decline_cause(cause, ReturnReason.INCOMPLETE, "缺", acting_user=cast.hesiyuan, now=now)
        push_cause(cause, cast.hesiyuan, **said)
    elif what == "left":
        User.objects.filter(pk=cast.hesiyuan.pk).update(left_on=now.date())
    else:
        accept_cause(cause, now.date(), acting_user=cast.hesiyuan, now=now)
    before = everything()
    shown = page(link, now)
    assert accept(link, now) in (409, 422)
    assert everything() == before
    # Who it was taken from reads nothing of it any more.
    gone = what != "answered inside"
    assert ("部门编码变更后视图不同步" not in shown) == gone
    assert ("<form" not in shown) == gone


def test_guessing_and_hammering_are_slowed_down(cast: Cast, now: dt.datetime, link: str) -> None:
    answers = [Client().get(f"/o/guess{number}/").status_code for number in range(31)]
    assert answers == [404] * 30 + [429]
    # Who knows a link is not held up by who guesses.
    assert "<form" in page(link, now)
    assert [post(link, now, act="x") for _ in range(31)] == [422] * 30 + [429]


def test_it_speaks_its_owners_language(cast: Cast, now: dt.datetime, link: str) -> None:
    assert "接单" in page(link, now)
    User.objects.filter(pk=cast.hesiyuan.pk).update(language="en")
    assert "Accept with a date" in page(link, now)
