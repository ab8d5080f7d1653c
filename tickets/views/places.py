"""Which page of which list an address of the desk names, and the addresses beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Problem
from tickets.models import SavedView
from tickets.querysets import TicketQuerySet
from tickets.search.filters import Asking
from tickets.search.listing import Listing, Read
from tickets.search.queues import Queue
from tickets.views.requests import SignedInRequest

#: Separators that read well in an address and mean nothing else there.
_READABLE = ":,."


@dataclass(frozen=True)
class Place:
    """A list, a page of it, and the saved view it began with."""

    listing: Listing
    read: Read
    view: SavedView | None = None
    #: The address names a view that is gone, or that this person may not see.
    view_problem: Problem | None = None
    before: str = ""
    after: str = ""

    @classmethod
    def of(cls, request: SignedInRequest, now: dt.datetime | None = None) -> Place:
        """What the address names, to the person who asks, at `now` (this moment when left out)."""
        given, user, now = request.GET, request.user, now or timezone.now()
        view, problem = _view(given.get("view", ""), user)
        base = Listing.of_view(view) if view is not None else None
        listing = Listing.of(given, base)
        return cls(
            listing, listing.read(Asking(user, now)), view, problem,
            given.get("before", ""), given.get("after", ""),
        )  # fmt: skip

    @property
    def queue(self) -> Queue:
        return self.read.queue

    @property
    def query(self) -> str:
        return self.listing.query

    def tickets(self, user: User, now: dt.datetime) -> TicketQuerySet:
        """All tickets of this list, on all of its pages."""
        return self.listing.read(Asking(user, now)).all_tickets()

    @property
    def said(self) -> str:
        """The list as the person reads it."""
        return self.query or self.title

    @property
    def title(self) -> str:
        """What the list is called: its view, or its queue."""
        return self.view.name if self.view is not None else str(self.queue.label)

    @property
    def is_changed(self) -> bool:
        """The list is no longer what its view says."""
        return self.view is not None and self.listing != Listing.of_view(self.view)

    @property
    def problems(self) -> list[Problem]:
        own = [self.view_problem] if self.view_problem is not None else []
        return [*own, *self.read.named_problems()]

    def words(self, **changes: Any) -> list[tuple[str, str]]:
        """The parameters of this list with some of it changed."""
        listing = replace(self.listing, **changes) if changes else self.listing
        if self.view is None:
            named = [("queue", listing.queue_key)]
            return named + [pair for pair in listing.words() if pair[0] != "queue"]
        return [("view", str(self.view.pk)), *listing.words(Listing.of_view(self.view))]

    def address(self, **changes: Any) -> str:
        """The parameters as the end of an address; of the first page."""
        return "?" + urlencode(self.words(**changes), safe=_READABLE)

    def page(self, **keys: str) -> str:
        """The address of another page: `before` or `after` with its key."""
        return "?" + urlencode([*self.words(), *keys.items()], safe=_READABLE)

    @property
    def own_address(self) -> str:
        keys = {"before": self.before, "after": self.after}
        return self.page(**{name: key for name, key in keys.items() if key})

    @property
    def desk_url(self) -> str:
        return reverse("desk") + self.address()


def _view(word: str, user: User) -> tuple[SavedView | None, Problem | None]:
    if not word:
        return None, None
    found = None
    if word.isdecimal() and len(word) < 18:
        found = SavedView.objects.visible_to(user).filter(pk=int(word)).first()
    if found is not None:
        return found, None
    return None, Problem(
        "view", _("This view is gone, or is no longer shared with you."),
        _("Choose another one; this is the list without it."), word[:40],
    )  # fmt: skip
