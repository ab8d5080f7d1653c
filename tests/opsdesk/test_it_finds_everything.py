"""The palette and /search/: commands, and what every app finds, as far as a person may see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from opsdesk.demo.cast import Cast
from opsdesk.search import Group, find
from tests.tickets.ladder import cause, submitted

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]


def _found(groups: list[Group]) -> dict[str, list[str]]:
    return {
        group.name: [c.url for c in group.commands] + [s.url for s in group.found]
        for group in groups
    }


def test_a_ticket_is_found_by_its_reference_and_by_its_words(cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now, "合同套打缺了盖章区")
    other = submitted(cast, now, f"和 {ticket.ref} 一样")
    url, other_url = (reverse("ticket", args=[t.pk]) for t in (ticket, other))
    for asked in (ticket.ref, ticket.ref.lower(), str(ticket.pk)):
        assert _found(find(cast.linzhixia, asked, now))["tickets"][0] == url, asked
    assert _found(find(cast.linzhixia, "盖章", now))["tickets"] == [url]
    assert other_url in _found(find(cast.linzhixia, ticket.ref, now))["tickets"]


def test_nobody_finds_what_they_may_not_see(cast: Cast, now: dt.datetime) -> None:
    ticket, known = submitted(cast, now, "合同套打缺了盖章区"), cause(cast, now)
    for asked, name in (("盖章", "tickets"), (ticket.ref, "tickets"), (known.ref, "causes")):
        assert name in _found(find(cast.linzhixia, asked, now)), asked
        assert name not in _found(find(cast.zhaoyi, asked, now)), asked
    assert "people" in _found(find(cast.chenlu, "王珂", now))
    assert "people" not in _found(find(cast.linzhixia, "王珂", now))


def test_commands_are_those_of_the_person_and_found_in_both_languages(
    cast: Cast, now: dt.datetime
) -> None:
    agent = _found(find(cast.linzhixia, "", now))
    assert reverse("desk") in agent["places"]
    assert reverse("desk") + "?queue=mine" in agent["queues"]
    assert "settings" not in agent
    assert set(_found(find(cast.wangke, "", now))) == {"places"}
    assert _found(find(cast.chenlu, "settings teams", now))["settings"] == [
        reverse("settings_teams")
    ]
    assert _found(find(cast.linzhixia, "desk", now))["places"] == [reverse("desk")]


def test_it_is_a_page_without_scripts_and_a_part_with_them(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    submitted(cast, now, "合同套打缺了盖章区")
    client = client_of(cast.linzhixia)
    page = client.get(reverse("search"), {"q": "盖章"}).content.decode()
    assert "<main" in page
    assert 'role="option"' not in page
    part = client.get(reverse("search"), {"q": "盖章", "part": "found"}).content.decode()
    assert "<main" not in part
    assert 'role="option"' in part
    nothing = client.get(reverse("search"), {"q": "zzzz", "part": "found"}).content.decode()
    assert "“zzzz”" in nothing
