"""Only an explicit "this solved it", with nothing asked on the same product for seven days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from core.errors import BadInput, NotAllowed
from core.events import fold
from core.models import Event
from docs_portal.models import Page
from opsdesk.demo.cast import Cast
from opsdesk.demo.pages import build_pages
from tickets.actions import (
    Found,
    TicketDraft,
    declare_known_issue,
    note_help,
    open_cause,
    same_here,
    say_solved,
    submit_ticket,
    take_back_solved,
)
from tickets.choices import HelpPlace
from tickets.errors import WrongState
from tickets.models import HelpSession, SelfService
from tickets.policies.self_service import (
    Comparison,
    SelfServiceFigures,
    Share,
    is_held_out,
)
from tickets.search.self_service import LISTS, report_of, sessions_between

ClientOf = Callable[[User], Client]
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)


@pytest.fixture
def page(cast: Cast, now: dt.datetime) -> Page:
    build_pages(cast, now - dt.timedelta(days=30))
    return Page.objects.get(title="填写拜访记录")


@pytest.fixture
def begun(now: dt.datetime) -> dt.datetime:
    """Long enough ago that its seven days are over."""
    return now - dt.timedelta(days=10)


def helped(
    cast: Cast, page: Page, at: dt.datetime, *, person: User | None = None, held_out: bool = False
) -> HelpSession:
    found = Found([page.pk], [], [], [cast.products["crm"].pk])
    session = note_help(
        found, place=HelpPlace.HOME, is_held_out=held_out,
        acting_user=person or cast.liuyang, now=at,
    )  # fmt: skip
    assert session is not None
    return session


def figures(cast: Cast, now: dt.datetime, reader: User | None = None) -> SelfServiceFigures:
    sessions = sessions_between(reader or cast.linzhixia, now - 60 * DAY, now, now)
    return report_of(sessions).figures


def ticket_of(cast: Cast, product: str, at: dt.datetime, **more: Any) -> None:
    agent = more.pop("by", cast.liuyang)
    draft = TicketDraft(product=cast.products[product], description="还是不行", **more)
    submit_ticket(draft, acting_user=agent, now=at)


def test_saying_so_counts_and_leaving_silently_does_not(
    cast: Cast, page: Page, now: dt.datetime, begun: dt.datetime
) -> None:
    helped(cast, page, begun - DAY)
    assert figures(cast, now) == SelfServiceFigures(1, 0, 0, 0, 0, 0)
    say_solved(
        helped(cast, page, begun), "page", page.pk, acting_user=cast.liuyang, now=begun + MINUTE
    )
    assert figures(cast, now) == SelfServiceFigures(2, 1, 0, 1, 0, 0)


@pytest.mark.parametrize(
    ("product", "after", "is_counted"),
    [
        ("crm", WEEK - MINUTE, False),
        ("crm", WEEK, True),
        ("erp", DAY, True),
        ("crm", MINUTE, False),
    ],
)
def test_a_ticket_on_the_same_product_within_seven_days_uncounts_it(
    cast: Cast, page: Page, now: dt.datetime, begun: dt.datetime, product: str,
    after: dt.timedelta, is_counted: bool,
) -> None:  # fmt: skip
    session = helped(cast, page, begun)
    say_solved(session, "page", page.pk, acting_user=cast.liuyang, now=begun)
    assert figures(cast, now).counted == 1
    ticket_of(cast, product, begun + after)
    after_all = figures(cast, now)
    assert (after_all.said, after_all.counted, after_all.undone) == (
        1, int(is_counted), int(not is_counted),
    )  # fmt: skip


def test_a_chat_ticket_and_same_here_uncount_it_and_a_colleagues_do_not(
    cast: Cast, page: Page, now: dt.datetime, begun: dt.datetime
) -> None:
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": begun}
    cause = open_cause(title="列表是空的", product=cast.products["crm"], **agent)
    declare_known_issue(cause, "先刷新", **agent)
    for person in (cast.liuyang, cast.wangke):
        session = helped(cast, page, begun, person=person)
        say_solved(session, "page", page.pk, acting_user=person, now=begun)
    assert figures(cast, now).counted == 2
    ticket_of(cast, "crm", begun + DAY, by=cast.linzhixia, requester=cast.wangke)
    assert figures(cast, now).counted == 1
    same_here(cause, "我也是", acting_user=cast.liuyang, now=begun + DAY)
    assert figures(cast, now) == SelfServiceFigures(2, 2, 2, 0, 0, 0)


def test_a_window_that_is_not_over_is_counted_apart(
    cast: Cast, page: Page, now: dt.datetime
) -> None:
    session = helped(cast, page, now - 6 * DAY)
    say_solved(session, "page", page.pk, acting_user=cast.liuyang, now=now - 6 * DAY)
    assert figures(cast, now) == SelfServiceFigures(0, 0, 0, 0, 1, 1)
    assert figures(cast, now + DAY + MINUTE) == SelfServiceFigures(1, 1, 0, 1, 0, 0)


def test_one_trouble_is_one_session(
    cast: Cast, page: Page, now: dt.datetime, begun: dt.datetime
) -> None:
    first = helped(cast, page, begun)
    assert helped(cast, page, begun + 29 * MINUTE) == first
    assert helped(cast, page, begun + 60 * MINUTE) != first
    later = begun + 70 * MINUTE
    ticket_of(cast, "crm", later)
    after = helped(cast, page, later + MINUTE)
    say_solved(after, "page", page.pk, acting_user=cast.liuyang, now=later + MINUTE)
    assert helped(cast, page, later + 2 * MINUTE) != after
    assert HelpSession.objects.count() == 4
    nothing = Found([], [], [])
    said: dict[str, Any] = {
        "place": HelpPlace.HOME,
        "is_held_out": False,
        "acting_user": cast.wangke,
        "now": now,
    }
    assert note_help(nothing, **said) is None


def test_only_the_person_says_so_of_what_was_shown_and_once(
    cast: Cast, page: Page, now: dt.datetime
) -> None:
    session = helped(cast, page, now)
    mine: dict[str, Any] = {"acting_user": cast.liuyang, "now": now}
    with pytest.raises(NotAllowed):
        say_solved(session, "page", page.pk, acting_user=cast.wangke, now=now)
    other = Page.objects.exclude(pk=page.pk).first()
    assert other is not None
    for kind, ref in (("page", other.pk), ("known_issue", page.pk), ("ticket", 1)):
        with pytest.raises(BadInput):
            say_solved(session, kind, ref, **mine)
    with pytest.raises(WrongState):
        say_solved(session, "page", page.pk, acting_user=cast.liuyang, now=now + 25 * 60 * MINUTE)
    said = say_solved(session, "page", page.pk, **mine)
    assert say_solved(session, "page", page.pk, **mine) == said
    taken = take_back_solved(said, acting_user=cast.liuyang, now=now + MINUTE)
    assert figures(cast, now + MINUTE).running_said == 0
    again = say_solved(session, "page", page.pk, acting_user=cast.liuyang, now=now + 2 * MINUTE)
    assert (again.pk, again.taken_back_at, taken.version) == (said.pk, None, 2)
    history = list(Event.objects.filter(subject="self_service", subject_id=said.pk))
    assert [event.verb for event in history] == ["say_solved", "take_back", "say_solved"]
    assert fold(SelfService, history)["kind"] == "page"


def test_who_is_held_out_sees_known_issues_and_no_pages(
    cast: Cast, page: Page, now: dt.datetime, client_of: ClientOf
) -> None:
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    cause = open_cause(title="拜访记录列表是空的", product=cast.products["crm"], **agent)
    declare_known_issue(cause, "先刷新", **agent)
    address = reverse("submit_suggestions")
    client = client_of(cast.liuyang)
    shown = client.get(address, {"description": "填写拜访记录"}).content.decode()
    assert page.title in shown
    assert cause.title in shown
    client_of(cast.wangke)
    with patch("tickets.views.helping.is_held_out", return_value=True):
        held = client_of(cast.emma).get(address, {"description": "拜访记录"}).content.decode()
        client_of(cast.wangke).get(address, {"description": "审阅拜访记录"})
    assert cause.title in held
    assert "manuals" not in held
    session = HelpSession.objects.get(person=cast.wangke)
    assert session.is_held_out
    assert session.pages
    with pytest.raises(BadInput):
        say_solved(session, "page", session.pages[0], acting_user=cast.wangke, now=now)


def test_what_is_typed_for_a_colleague_is_no_session(
    cast: Cast, page: Page, now: dt.datetime, client_of: ClientOf
) -> None:
    client = client_of(cast.linzhixia)
    said = {"description": "星图 CRM 是什么"}
    client.get(reverse("submit_suggestions"), said | {"requester": "liuyang"})
    assert not HelpSession.objects.exists()
    client.get(reverse("submit_suggestions"), said)
    assert HelpSession.objects.get().person == cast.linzhixia


def test_the_pages_of_the_chosen_product_come_first(
    cast: Cast, page: Page, client_of: ClientOf
) -> None:
    address = reverse("submit_suggestions")
    client = client_of(cast.zhaoyi)
    words = {"description": "报销单怎么填写报销审批"}
    for code in ("approval", "erp"):
        chosen = words | {"product": str(cast.products[code].pk)}
        found = re.findall(r'href="/manuals/(\w+)/', client.get(address, chosen).content.decode())
        assert found
        assert found[0] == code


def test_every_figure_is_the_length_of_its_list(
    cast: Cast, page: Page, now: dt.datetime, begun: dt.datetime, client_of: ClientOf
) -> None:
    people = [cast.liuyang, cast.wangke, cast.zhaoyi, cast.emma]
    for number, person in enumerate(people):
        session = helped(cast, page, begun, person=person, held_out=number == 3)
        if number < 2:
            say_solved(session, "page", page.pk, acting_user=person, now=begun)
    ticket_of(cast, "crm", begun + DAY)
    helped(cast, page, now - DAY)
    sessions = sessions_between(cast.linzhixia, now - 60 * DAY, now, now)
    report = report_of(sessions)
    lengths = {name: sessions.filter(condition).count() for name, (condition, _l) in LISTS.items()}
    assert lengths == {
        "sessions": 3, "said": 2, "undone": 1, "counted": 1, "running": 1, "running_said": 0,
        "fitted": 3, "fitted_followed": 1, "held_out": 1, "held_out_followed": 0,
    }  # fmt: skip
    shown = vars(report.figures)
    assert shown == {name: lengths[name] for name in shown}
    assert (report.comparison.shown, report.comparison.held_out) == (Share(1, 3), Share(0, 1))
    assert sum(line.figures.sessions for line in report.products) == 3
    assert sum(line.figures.sessions for line in report.weeks) == 3
    client = client_of(cast.linzhixia)
    with_time = {"weeks": "12"}
    with patch("tickets.views.self_service.timezone.now", return_value=now):
        text = client.get(reverse("self_service"), with_time).content.decode()
        assert "样本不足" in text
        for name, length in lengths.items():
            rows = client.get(reverse("help_sessions"), with_time | {"figure": name})
            assert rows.content.decode().count('<tr><th scope="row"') == length, name
    assert client.get(reverse("help_sessions"), {"figure": "no-such"}).status_code == 404
    assert client_of(cast.liuyang).get(reverse("self_service")).status_code == 403


def test_figures_are_of_the_products_one_reads(
    cast: Cast, page: Page, now: dt.datetime, begun: dt.datetime
) -> None:
    helped(cast, page, begun)
    assert figures(cast, now, cast.linzhixia).sessions == 1
    assert figures(cast, now, cast.liuyang).sessions == 0


def test_a_twentieth_of_the_persons_is_held_out_by_their_name() -> None:
    drawn = [is_held_out(f"person{n}") for n in range(20_000)]
    assert 900 < sum(drawn) < 1100
    assert drawn == [is_held_out(f"person{n}") for n in range(20_000)]


@given(part=st.integers(0, 400), rest=st.integers(0, 400))
def test_intervals_hold_the_share(part: int, rest: int) -> None:
    share = Share(part, part + rest)
    if share.whole == 0:
        assert share.interval is None
        return
    assert share.interval is not None
    assert share.value is not None
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-9
    assert share.value - 1e-9 <= high <= 1


def test_intervals_are_those_of_the_papers() -> None:
    """Newcombe 1998: 56/70 against 48/80, method 10: 0.0524 to 0.3339."""
    compared = Comparison(shown=Share(48, 80), held_out=Share(56, 70))
    assert compared.interval is not None
    assert compared.interval[0] == pytest.approx(5.24, abs=0.01)
    assert compared.interval[1] == pytest.approx(33.39, abs=0.01)
    low, high = Share(81, 263).interval or (0, 0)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
