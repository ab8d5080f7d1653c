"""Which ticket comes next: in the list where a person stands, or of those nobody holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.utils import timezone

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from tickets.models import Skip, Ticket
from tickets.querysets import TicketQuerySet
from tickets.search.listing import Read
from tickets.search.pages import page_of


def next_in(read: Read, pk: int) -> int | None:
    """The ticket that stands behind `pk`; the first when `pk` is not in the list; None at its end.

    Two small queries, whatever the length of the list.
    """
    tickets = read.rows_of(read.tickets())
    wanted = replace(read.wanted(), size=1)
    here = page_of(tickets.filter(pk=pk), replace(wanted, query="")).rows
    before = here[0].keys if here else None
    rows = page_of(tickets, replace(wanted, before=before)).rows
    return rows[0].pk if rows else None


def waiting_for(user: User, now: dt.datetime) -> TicketQuerySet:
    """What may still be served to a person today."""
    skipped = Skip.objects.filter(user=user, day=company_day(now)).values("ticket_id")
    found = Ticket.objects.on_desk_of(user).unheld().exclude(pk__in=skipped)
    products = rights_of(user).products_as(PermissionRole.AGENT)
    return found if products is None else found.filter(product_id__in=products)


def company_day(now: dt.datetime) -> dt.date:
    """The day in the company's zone."""
    return timezone.localdate(now, timezone.get_default_timezone())
