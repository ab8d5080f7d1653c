"""Tags: put on and taken off by staff, recorded, spelt as they are known, never conflicting."""

import datetime as dt
from typing import Any

import pytest

from core.errors import BadInput, NotAllowed
from core.events import history, unfolded
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import submitted
from tickets.actions import edit_ticket, tag_ticket
from tickets.actions.acts import Act, carry_out
from tickets.actions.tagging import TAGS_PER_TICKET
from tickets.models import Tag


def test_tags_are_put_on_and_taken_off_and_recorded(cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now)
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    tag_ticket(ticket, add=["#月结", "VIP  客户"], **by)
    tag_ticket(ticket, add=["老系统"], remove=["月结"], **by)
    ticket.refresh_from_db()
    assert ticket.tags == ["VIP 客户", "老系统"]
    assert [e.verb for e in history("ticket", ticket.pk)].count("tag") == 2
    assert unfolded(ticket) == {}


def test_another_spelling_is_the_known_tag(cast: Cast, now: dt.datetime) -> None:
    first, second = submitted(cast, now), submitted(cast, now)
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    tag_ticket(first, add=["VIP"], **by)
    carry_out(second, Act("add_tag", {"tag": "ｖｉｐ"}), **by)
    carry_out(second, Act("add_tag", {"tag": "Vip"}), **by)
    second.refresh_from_db()
    assert second.tags == ["VIP"]
    assert list(Tag.objects.values_list("name", flat=True)) == ["VIP"]
    carry_out(second, Act("remove_tag", {"tag": "vip"}), **by)
    second.refresh_from_db()
    assert second.tags == []


def test_a_tag_never_conflicts_with_another_change(cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now)
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    edit_ticket(ticket, {"title": "改过的标题"}, **by)
    assert tag_ticket(ticket, add=["月结"], seen_version=1, **by).tags == ["月结"]


@pytest.mark.parametrize("bad", ["", "  ", "a,b", "长" * 41, "换\x00行"])
def test_what_is_no_tag_is_refused_by_name(cast: Cast, now: dt.datetime, bad: str) -> None:
    ticket = submitted(cast, now)
    with pytest.raises(BadInput) as refused:
        tag_ticket(ticket, add=[bad], acting_user=cast.linzhixia, now=now)
    assert refused.value.problems[0].field == "tags"
    with pytest.raises(NotAllowed):
        tag_ticket(ticket, add=["月结"], acting_user=cast.liuyang, now=now)
    assert tag_ticket(ticket, add=["月结"], acting_user=cast.linzhixia, now=now).tags == ["月结"]


def test_a_ticket_carries_only_so_many(cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now)
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    tag_ticket(ticket, add=[f"t{n}" for n in range(TAGS_PER_TICKET)], **by)
    with pytest.raises(BadInput):
        tag_ticket(ticket, add=["one more"], **by)
    assert len(tag_ticket(ticket, add=["one more"], remove=["t0"], **by).tags) == TAGS_PER_TICKET
