"""Every order of a list visits each ticket once, forwards and back, also while rows change."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.searchkey import search_key
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import submitted
from tickets.models import Ticket
from tickets.search.filters import Asking
from tickets.search.listing import Listing, Read
from tickets.search.orders import GROUPS, SORTS
from tickets.search.pages import Page, page_of

ClientOf = Callable[..., Client]
SIZE = 7


@pytest.fixture
def mixed(cast: Cast, now: dt.datetime) -> list[int]:
    """Forty tickets with many equal and many empty values."""
    dice = random.Random(5)
    pks = [submitted(cast, now).pk for _n in range(40)]
    people = [None, cast.linzhixia, cast.zhoumin, cast.chenlu]
    for pk in pks:
        day = now + dt.timedelta(days=dice.randint(-2, 2))
        Ticket.objects.filter(pk=pk).update(
            priority=dice.randint(0, 3), level=dice.choice([None, 1, 2, 3]),
            status=dice.choice(["new", "open", "pending", "on_hold"]),
            assignee=dice.choice(people), team=dice.choice([None, cast.teams["operations"]]),
            module=dice.choice([None, cast.modules["visits"]]), updated_at=day, submitted_at=day,
            promised_on=dice.choice([None, day.date()]), bounces=dice.randint(0, 2),
            resolution_due_at=dice.choice([None, day]), due_at=dice.choice([None, day]),
            closed_at=dice.choice([None, day]),
        )  # fmt: skip
    return pks


def _read(cast: Cast, now: dt.datetime, sort: str, group: str = "") -> Read:
    return Listing(queue="all", sort=sort, group=group).read(Asking(cast.linzhixia, now))


def _page(read: Read, before: str = "", after: str = "") -> Page:
    wanted = replace(read.wanted(before, after), size=SIZE)
    return page_of(read.rows_of(read.tickets()), wanted)


def _walk(read: Read, between: Callable[[], None] = lambda: None) -> list[int]:
    """Every page from the first to the last; `between` happens after each."""
    page = _page(read)
    found = [row.pk for row in page.rows]
    while page.older:
        between()
        page = _page(read, before=page.older)
        found += [row.pk for row in page.rows]
    return found


ORDERS = [*SORTS, *(f"-{sort}" for sort in SORTS)]


@pytest.mark.parametrize("sort", ORDERS)
def test_each_order_visits_each_ticket_once(
    mixed: list[int], cast: Cast, now: dt.datetime, sort: str
) -> None:
    read = _read(cast, now, sort)
    whole = list(
        read.rows_of(read.tickets()).order_by(*read.order.order_by()).values_list("pk", flat=True)
    )
    assert _walk(read) == whole
    assert sorted(whole) == sorted(mixed)


@pytest.mark.parametrize("sort", ["newest", "priority", "-due", "promised", "assignee"])
def test_back_leads_to_the_page_before(
    mixed: list[int], cast: Cast, now: dt.datetime, sort: str
) -> None:
    read = _read(cast, now, sort)
    first = _page(read)
    second = _page(read, before=first.older)
    third = _page(read, before=second.older)
    again = _page(read, after=third.newer)
    assert [row.pk for row in again.rows] == [row.pk for row in second.rows]
    start = _page(read, after=again.newer)
    assert [row.pk for row in start.rows] == [row.pk for row in first.rows]
    assert start.newer == ""


@pytest.mark.parametrize("group", list(GROUPS))
def test_groups_stand_together_and_are_all_visited(
    mixed: list[int], cast: Cast, now: dt.datetime, group: str
) -> None:
    read = _read(cast, now, "priority", group)
    page, seen = _page(read), []
    groups: list[tuple[Any, ...]] = []
    while True:
        for row in page.rows:
            seen.append(row.pk)
            key = row.keys[: read.order.grouped]
            if not groups or groups[-1] != key:
                groups.append(key)
        if not page.older:
            break
        page = _page(read, before=page.older)
    assert len(groups) == len(set(groups))
    assert sorted(seen) == sorted(mixed)


def test_a_group_of_due_days_ends_at_midnight_of_the_company(cast: Cast, now: dt.datetime) -> None:
    """However the present moment is written: in UTC the day ends eight hours later."""
    midnight = now.replace(hour=0, minute=0) + dt.timedelta(days=1)
    dues = {submitted(cast, now).pk: midnight + dt.timedelta(minutes=m) for m in (-1, 1, 7 * 1440)}
    for pk, due in dues.items():
        Ticket.objects.filter(pk=pk).update(resolution_due_at=due)
    read = _read(cast, now.astimezone(dt.UTC), "newest", "due")
    buckets = {row.pk: row.keys[0] for row in _page(read).rows}
    assert buckets == dict(zip(dues, (1, 2, 3), strict=True))


@pytest.mark.parametrize("sort", ["updated", "priority", "due", "promised", "assignee", "newest"])
def test_rows_that_stay_are_visited_once_while_others_change(
    mixed: list[int], cast: Cast, now: dt.datetime, sort: str
) -> None:
    """Between two pages a third of the rows move, one ends, one is new; the others stand still."""
    dice = random.Random(11)
    moving = set(dice.sample(mixed, 14))

    def disturb() -> None:
        pk = dice.choice(sorted(moving))
        day = now + dt.timedelta(days=dice.randint(-2, 2))
        Ticket.objects.filter(pk=pk).update(
            priority=dice.randint(0, 3), updated_at=day,
            promised_on=dice.choice([None, day.date()]),
            resolution_due_at=dice.choice([None, day]),
            assignee=dice.choice([None, cast.zhoumin]),
        )  # fmt: skip
        submitted(cast, now)

    found = _walk(_read(cast, now, sort), disturb)
    still = [pk for pk in found if pk in set(mixed) - moving]
    assert sorted(still) == sorted(set(mixed) - moving)


def test_a_page_key_that_was_bent_is_the_first_page(
    mixed: list[int], cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    client = client_of(cast.linzhixia)
    first = client.get(reverse("desk"), {"queue": "all", "sort": "due"})
    for bent in ("x", "[]", "[1]", '["2026-13-45",1]', "[[[[", '{"a":1}', "[null,null]", "9" * 30):
        page = client.get(reverse("desk"), {"queue": "all", "sort": "due", "before": bent})
        assert page.context["ids"] == first.context["ids"], bent


def test_words_are_searched_in_any_order_and_within_a_queue(
    mixed: list[int], cast: Cast, now: dt.datetime
) -> None:
    wanted = mixed[::3]
    Ticket.objects.filter(pk__in=wanted).update(search_key=search_key("合同套打多出一页空白"))
    Ticket.objects.filter(pk=wanted[0]).update(level=2, status="open")
    for sort in ("newest", "oldest", "due", "-priority"):
        listing = Listing(queue="all", sort=sort, query="套打")
        read = listing.read(Asking(cast.linzhixia, now))
        assert sorted(_walk(read)) == sorted(wanted), sort
    narrow = Listing(queue="level-2", query="套打").read(Asking(cast.linzhixia, now))
    levels = Ticket.objects.filter(pk__in=wanted, level=2).order_by("-pk")
    assert _walk(narrow) == list(levels.values_list("pk", flat=True))
