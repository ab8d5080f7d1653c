"""Two people write one ticket at once, again and again: nothing is lost or overwritten."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from core.errors import StaleWrite
from core.events import history, unfolded
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import routed
from tickets.actions import add_comment, assign_ticket, edit_ticket
from tickets.choices import Impact, Urgency
from tickets.models import Comment, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Write:
    """One write of one person: the fields it sets, and the call that sets them."""

    fields: dict[str, Any]
    run: Callable[[Ticket, int], object]


def _write(cast: Cast, now: dt.datetime, chance: random.Random, number: int, who: int) -> Write:
    user = (cast.linzhixia, cast.zhoumin)[who]
    said: dict[str, Any] = {"acting_user": user, "now": now}
    kind = chance.choice(["title", "evidence", "impact", "both", "assign", "comment"])
    if kind == "comment":
        return Write({}, lambda t, v: add_comment(t, f"{number}/{who}", kind="note", **said))
    if kind == "assign":
        holder = chance.choice([cast.linzhixia, cast.zhoumin, None])
        return Write(
            {"assignee_id": holder and holder.pk},
            lambda t, v: assign_ticket(t, holder, seen_version=v, **said),
        )
    fields: dict[str, Any] = {}
    if kind in ("title", "both"):
        fields["title"] = f"标题 {number}/{who}"
    if kind in ("impact", "both"):
        fields["impact"] = chance.choice([Impact.ONLY_ME, Impact.MY_GROUP, Impact.DEPARTMENTS])
        fields["urgency"] = chance.choice(list(Urgency))
    if kind == "evidence":
        fields["evidence"] = f"证据 {number}/{who}"
    return Write(fields, lambda t, v: edit_ticket(t, fields, seen_version=v, **said))


def _together(ticket: Ticket, writes: tuple[Write, Write]) -> list[BaseException | None]:
    """Both at once, each from the version both have seen; what each ended with."""
    gate = threading.Barrier(2)
    ended: list[BaseException | None] = [None, None]

    def one(place: int) -> None:
        try:
            row = Ticket.objects.get(pk=ticket.pk)
            gate.wait()
            writes[place].run(row, ticket.version)
        except Exception as error:
            ended[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(place,)) for place in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


@pytest.mark.parametrize(
    "pairs", [40, pytest.param(1000, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
def test_pairs_lose_nothing(cast: Cast, now: dt.datetime, pairs: int) -> None:
    chance = random.Random(20261116)
    ticket = routed(cast, now)
    refused = 0
    for number in range(pairs):
        before = Ticket.objects.get(pk=ticket.pk)
        writes = tuple(_write(cast, now, chance, number, who) for who in (0, 1))
        ended = _together(before, writes)  # type: ignore[arg-type]
        after = Ticket.objects.get(pk=ticket.pk)
        stale = [place for place in (0, 1) if isinstance(ended[place], StaleWrite)]
        assert [error for error in ended if error and not isinstance(error, StaleWrite)] == []
        # Only a write that touches what the other changed is refused, and never both.
        assert len(stale) <= 1
        if stale:
            refused += 1
            mine, theirs = writes[stale[0]].fields, writes[1 - stale[0]].fields
            assert mine.keys() & theirs.keys()
        # Setting what is there already changes nothing, so it conflicts with nothing.
        done = {
            name: value
            for place in (0, 1)
            if place not in stale
            for name, value in writes[place].fields.items()
            if value != getattr(before, name)
        }
        assert {name: getattr(after, name) for name in done} == done
    assert refused > pairs // 50
    assert unfolded(Ticket.objects.get(pk=ticket.pk)) == {}
    versions = list(history("ticket", ticket.pk).values_list("version", flat=True))
    assert versions == list(range(1, len(versions) + 1))
    noted = Comment.objects.filter(ticket=ticket).values_list("body", flat=True)
    assert len(set(noted)) == len(noted) > 0
