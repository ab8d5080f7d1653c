"""Which list of demands an address names, for whom, and the addresses beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Problem
from core.prepared import Prepared
from feedback.models import DemandView, TableLayout
from feedback.search.listing import SCOPES, WORDS, DemandListing, ReadDemands
from feedback.views.answers import reader_of
from tickets.search.filters import Asking

#: Separators that read well in an address and mean nothing else there.
_READABLE = ":,."


@dataclass(frozen=True)
class DemandPlace:
    """A list, a page of it, and the saved view it began with.

    `listing` is what the address says; `read` also obeys how this person has set up the columns.
    """

    listing: DemandListing
    read: ReadDemands
    view: DemandView | None = None
    view_problem: Problem | None = None
    before: str = ""
    after: str = ""

    @classmethod
    def of(cls, request: HttpRequest, now: dt.datetime | None = None) -> DemandPlace:
        """What the address names, to the person who asks, at `now` (this moment when left out)."""
        given, user, now = request.GET, reader_of(request), now or timezone.now()
        view, problem = _view(given.get("view", ""), user)
        listing = DemandListing.of(given, DemandListing.of_view(view) if view else None)
        shown = listing if "columns" in given else _own_layout(listing, user, view)
        return cls(
            listing, shown.read(Asking(user, now)), view, problem,
            given.get("before", ""), given.get("after", ""),
        )  # fmt: skip

    @property
    def title(self) -> str:
        return self.view.name if self.view is not None else str(SCOPES[self.read.scope])

    @property
    def is_changed(self) -> bool:
        """The list is no longer what its view says."""
        return self.view is not None and self.listing != DemandListing.of_view(self.view)

    @property
    def is_filtered(self) -> bool:
        return bool(self.listing.query or self.listing.filters)

    @property
    def problems(self) -> list[Problem]:
        own = [self.view_problem] if self.view_problem is not None else []
        return [*own, *self.read.named_problems()]

    def words(self, **changes: Any) -> list[tuple[str, str]]:
        """The parameters of this list with some of it changed."""
        listing = replace(self.listing, **changes) if changes else self.listing
        if self.view is None:
            return listing.words()
        return [("view", str(self.view.pk)), *listing.words(DemandListing.of_view(self.view))]

    def query(self, **changes: Any) -> str:
        """The parameters as the end of an address of the table's first page."""
        return "?" + urlencode(self.words(**changes), safe=_READABLE)

    def page(self, **keys: str) -> str:
        """The address of another page: `before` or `after` with its key."""
        return reverse("demands") + "?" + urlencode([*self.words(), *keys.items()], safe=_READABLE)

    def url(self, **changes: Any) -> str:
        return reverse("demands") + self.query(**changes)

    @property
    def here(self) -> str:
        """The address of this list."""
        return self.url()


def _own_layout(listing: DemandListing, user: User, view: DemandView | None) -> DemandListing:
    """The columns as this person has set them up for the table, or for this view."""
    kept = _layouts(person=user.pk) if view is None else _layouts(person=user.pk, view=view.pk)
    if not kept:
        return listing
    mine = kept[0]
    frozen = mine.frozen if listing.frozen is None or view is not None else listing.frozen
    return replace(listing, columns=tuple(mine.columns), frozen=frozen)


@Prepared
def _layouts(person: int, view: int | None = None) -> QuerySet[TableLayout]:
    """How a person has set up the table, or one view."""
    return TableLayout.objects.filter(person=person, view=view).order_by("pk")[:1]


def _view(word: str, user: User) -> tuple[DemandView | None, Problem | None]:
    if not word:
        return None, None
    found = None
    if word.isdecimal() and len(word) < 18:
        found = DemandView.objects.visible_to(user).filter(pk=int(word)).first()
    if found is not None:
        return found, None
    return None, Problem(
        "view", _("This view is gone, or is no longer shared with you."),
        _("Choose another one; this is the list without it."), word[:40],
    )  # fmt: skip


def kept_words(given: QueryDict) -> str:
    """`?scope=mine&q=…` of an address, to stay where one is; empty when there is none."""
    kept = QueryDict(mutable=True)
    for name in WORDS:
        if values := given.getlist(name):
            kept.setlist(name, values)
    return f"?{kept.urlencode(safe=_READABLE)}" if kept else ""
