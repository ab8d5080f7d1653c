"""Every page asks the database as often as was reviewed, however many rows it shows.

When it fails: look at build/guards/query_budgets.txt and the queries that are named; put the new
number into tests/guards/query_budgets.txt only when it has a reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stack.places import PROJECT
from tests.guards import access
from tests.guards.crawl import fitting
from tests.guards.growth import GROWN, grow
from tests.guards.places import AREAS, Place, places
from tests.guards.sendings import send
from tests.guards.world import World, undone

pytestmark = pytest.mark.timeout(300)

REVIEWED = PROJECT / "tests" / "guards" / "query_budgets.txt"
_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+\b|IN \([^)]*\)")
#: Not the page's own: the test's savepoints around it.
_OURS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


def reviewed() -> dict[str, int]:
    lines = REVIEWED.read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if line.strip() and not line.startswith("#"))
    return {f"{place} {method}": int(count) for place, method, count in pairs}


@contextmanager
def counted() -> Iterator[list[str]]:
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found += [query["sql"] for query in captured if not query["sql"].startswith(_OURS)]


def queries_of(world: World, place: Place, method: str, role: str, data: Any) -> list[str]:
    """The queries of one request; the second time, when what is asked once is known."""
    client = world.client(role)
    with undone():
        if method == "GET":
            access.read(client.get(place.path))
            with counted() as found:
                access.read(client.get(place.path))
        else:
            with counted() as found:
                send(client, world, place, data, method)
    return found


def repeated(queries: list[str]) -> list[str]:
    """Queries that differ only in their values, most frequent first."""
    shapes = Counter(_LITERAL.sub("?", query)[:300] for query in queries)
    return [f"{times} × {shape}" for shape, times in shapes.most_common(6) if times > 1]


@pytest.mark.parametrize("area", AREAS)
def test_every_page_and_form_keeps_its_budget(world: World, area: str) -> None:
    budgets, outcomes = reviewed(), access.reviewed()
    lines, wrong = [], []
    for place in places(world, area):
        for method in access.methods_of(place):
            role = fitting(place, method, outcomes)
            if role is None:
                continue
            data = access.sent_by_the_fitting(world, place) if method != "GET" else None
            queries = queries_of(world, place, method, role, data)
            key = f"{place.name} {method}"
            lines.append(f"{place.name:<38} {method:<5} {len(queries)}")
            if budgets.get(key) != len(queries):
                told = "\n    ".join(repeated(queries))
                wrong.append(f"{lines[-1]}   reviewed: {budgets.get(key, 'none')}\n    {told}")
    access.ACTUAL.mkdir(parents=True, exist_ok=True)
    (access.ACTUAL / f"query_budgets-{area}.txt").write_text("\n".join(lines) + "\n")
    assert wrong == [], "\n".join(wrong)


def test_no_budget_is_left_over(world: World) -> None:
    outcomes = access.reviewed()
    there = {
        f"{place.name} {method}"
        for place in places(world)
        for method in access.methods_of(place)
        if fitting(place, method, outcomes)
    }
    assert sorted(reviewed().keys() - there) == []


def test_twenty_rows_cost_as_much_as_two(world: World) -> None:
    """Lists, the ticket page, the cause page, demands, settings: whatever shows rows."""
    wanted = GROWN
    there = [place for place in places(world) if place.name in wanted]
    assert {place.name for place in there} == set(wanted)
    with undone():
        grow(world, 2)
        few = {
            place.name: queries_of(world, place, "GET", wanted[place.name], None) for place in there
        }
        grow(world, 18)
        many = {
            place.name: queries_of(world, place, "GET", wanted[place.name], None) for place in there
        }
    wrong = [
        f"{name}: {len(few[name])} queries became {len(many[name])}\n    "
        + "\n    ".join(repeated(many[name]))
        for name in wanted
        if len(many[name]) > len(few[name])
    ]
    assert wrong == [], "\n".join(wrong)


def test_the_growth_test_would_see_a_query_per_row(world: World) -> None:
    """The check fails on a page that asks once per row."""
    with undone():
        grow(world, 2)
        with counted() as few:
            _name_each_requester()
        grow(world, 5)
        with counted() as many:
            _name_each_requester()
    assert len(many) > len(few)
    assert repeated(many)


def _name_each_requester() -> list[str]:
    from tickets.models import Ticket

    return [ticket.requester.name for ticket in Ticket.objects.order_by("-pk")]
