"""What comes after an act: stay, the next ticket of the same list, or back to the list."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User
from tickets.actions import serve_ticket
from tickets.models import Ticket
from tickets.search.following import next_in
from tickets.views.answers import kept_query, next_address
from tickets.views.places import Place
from tickets.views.requests import SignedInRequest
from tickets.views.served import Served


@dataclass(frozen=True)
class Onward:
    """Found before the act, because the act may take the ticket out of its list."""

    request: SignedInRequest
    stay: str
    #: The address to go on to; the ticket's own when one stays.
    address: str

    @classmethod
    def of(cls, request: SignedInRequest, ticket: Ticket, stay: str, now: dt.datetime) -> Onward:
        """Where this person goes after an act on `ticket`; `stay` is the ticket's own address.

        An address that the form was opened with (`next`) leads there and nowhere else.
        """
        choice = request.user.after_act
        if next_address(request, "") or Served.is_on(request) or choice == User.AfterAct.STAY:
            return cls(request, stay, stay)
        if choice == User.AfterAct.BACK:
            return cls(request, stay, reverse("desk") + kept_query(request))
        following = next_in(Place.of(request, now).read, ticket.pk)
        if following is None:
            return cls(request, stay, reverse("desk") + kept_query(request))
        return cls(request, stay, reverse("ticket", args=[following]) + kept_query(request))

    def after(self, now: dt.datetime) -> str:
        """Where to go now that the act is done; while tickets are served, the next is served."""
        if not Served.is_on(self.request) or next_address(self.request, ""):
            return self.address
        Served(self.request, now).count("done")
        return served_address(serve_ticket(acting_user=self.request.user, now=now))


def served_address(ticket: Ticket | None) -> str:
    """The page of a ticket that was served, or the page that says there is none."""
    if ticket is None:
        return reverse("guided")
    return reverse("ticket", args=[ticket.pk]) + "?guided=on"
