"""Hand-made tickets by their times and statuses, for figures worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from opsdesk.demo.cast import Cast
from tickets.actions.history import record_history
from tickets.actions.history_rules import Happening, TicketHistory
from tickets.models import Ticket

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> dt.datetime:
    """`03-07 09:00` of 2022, company time."""
    return dt.datetime.strptime(f"2022-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def written(
    cast: Cast,
    name: str,
    submitted: str,
    steps: Sequence[tuple[str, dict[str, Any]]],
    *,
    now: dt.datetime,
    product: str = "crm",
) -> Ticket:
    """A ticket submitted then, that changed as `steps` say."""
    first = {
        "title": name, "description": name, "level": None, "channel": "import",
        "product_id": cast.products[product].pk, "requester_id": cast.wangke.pk,
        "submitted_by_id": cast.wangke.pk, "department_id": cast.wangke.department_id,
    }  # fmt: skip
    happenings = [Happening(at(submitted), first)]
    happenings += [Happening(at(moment), fields) for moment, fields in steps]
    result = record_history([TicketHistory("hand", name, happenings)], acting_user=None, now=now)
    assert [found.problem for found in result.refused] == []
    return Ticket.objects.get(external_source="hand", external_id=name)
