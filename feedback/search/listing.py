"""A list of demands as an address or a saved view says it: which, in what order, shown how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from core.errors import Problem
from feedback.choices import DemandStatus, TableShape
from feedback.models import Demand, DemandView
from feedback.querysets import DemandQuerySet
from feedback.search.columns import (
    COLUMNS,
    DEFAULT_COLUMNS,
    DEFAULT_FROZEN,
    MOST_COLUMNS,
    Column,
    read_columns,
)
from feedback.search.fields import DEMANDS
from feedback.search.orders import NO_GROUP, order_of
from tickets.search.filters import Asking, Filter, read_filter
from tickets.search.filters.condition import MOST_CONDITIONS
from tickets.search.listing import clean_word, several_words
from tickets.search.orders import Order

SHAPES = tuple(TableShape.values)
TO_DECIDE = (DemandStatus.COLLECTED, DemandStatus.EVALUATING)
UNDER_WAY = (
    *TO_DECIDE, DemandStatus.ACCEPTED, DemandStatus.SCHEDULED, DemandStatus.IN_DEVELOPMENT,
    DemandStatus.TESTING, DemandStatus.RELEASED, DemandStatus.ROLLED_BACK,
)  # fmt: skip
#: The segments above the table.
SCOPES = {
    "running": pgettext_lazy("demands", "Under way"),
    "decide": pgettext_lazy("demands", "To decide"),
    "mine": pgettext_lazy("demands", "Owned by me"),
    "all": pgettext_lazy("demands", "All"),
}
_SIMPLE = {
    "scope": "scope", "q": "query", "sort": "sort", "group": "group", "layout": "layout",
}  # fmt: skip
#: The words of an address that say which list it is; page keys are not among them.
WORDS = ("view", *_SIMPLE, "f", "columns", "frozen")
_MOST_FROZEN = 6


@dataclass(frozen=True)
class DemandListing:
    """The words that make a list. Every one may be wrong: what they mean is in `ReadDemands`."""

    scope: str = ""
    query: str = ""
    filters: tuple[str, ...] = ()
    sort: str = ""
    group: str = ""
    columns: tuple[str, ...] = ()
    frozen: int | None = None
    layout: str = ""

    @classmethod
    def of(cls, given: QueryDict, base: DemandListing | None = None) -> DemandListing:
        """What an address says; what it leaves out is that of `base` (a saved view)."""
        found = base or cls()
        for word, name in _SIMPLE.items():
            if word in given:
                changed: dict[str, Any] = {name: clean_word(given.get(word) or "", 200)}
                found = replace(found, **changed)
        if "f" in given:
            found = replace(found, filters=several_words(given.getlist("f"), MOST_CONDITIONS + 1))
        if "columns" in given:
            keys = ",".join(given.getlist("columns")).split(",")
            found = replace(found, columns=several_words(keys, MOST_COLUMNS))
        if (frozen := given.get("frozen", "")).isdecimal() and len(frozen) < 3:
            found = replace(found, frozen=min(int(frozen), _MOST_FROZEN))
        return found

    @classmethod
    def of_view(cls, view: DemandView) -> DemandListing:
        return cls(
            view.scope, view.query, tuple(view.filters), view.sort, view.group,
            tuple(view.columns), view.frozen, view.layout,
        )  # fmt: skip

    def as_columns(self) -> dict[str, Any]:
        """As the columns of a saved view."""
        return {
            "scope": self.scope_key, "query": self.query, "filters": list(self.filters),
            "sort": self.sort, "group": self.group, "columns": list(self.columns),
            "frozen": DEFAULT_FROZEN if self.frozen is None else self.frozen,
            "layout": self.layout or SHAPES[0],
        }  # fmt: skip

    def words(self, base: DemandListing | None = None) -> list[tuple[str, str]]:
        """As parameters of an address; of a saved view only what differs from it."""
        base = base or DemandListing()
        found = []
        for word, mine, theirs in (
            ("scope", self.scope, base.scope), ("q", self.query, base.query),
            ("sort", self.sort, base.sort), ("group", self.group, base.group),
            ("layout", self.layout, base.layout),
            ("columns", ",".join(self.columns), ",".join(base.columns)),
            ("frozen", _said(self.frozen), _said(base.frozen)),
        ):  # fmt: skip
            if mine != theirs:
                found.append((word, mine))
        if self.filters != base.filters:
            found += [("f", text) for text in self.filters] or [("f", "")]
        return found

    @property
    def scope_key(self) -> str:
        # A search or a filter looks everywhere unless it names a segment.
        return self.scope or ("all" if self.query or self.filters else next(iter(SCOPES)))

    def read(self, asking: Asking) -> ReadDemands:
        return ReadDemands(self, asking)


def _said(number: int | None) -> str:
    return "" if number is None else str(number)


class ReadDemands:
    """What a listing means to a person at a moment, and what of it could not be read."""

    def __init__(self, listing: DemandListing, asking: Asking) -> None:
        self.listing, self.asking = listing, asking
        self.scope = listing.scope_key if listing.scope_key in SCOPES else "all"
        self.filter: Filter = read_filter(listing.filters, asking, DEMANDS)
        # The way a demand goes is how the table stands when nobody asked for anything else.
        self.group = listing.group or ("status" if not listing.sort else NO_GROUP)
        self.order: Order
        self.order, problems = order_of(listing.sort or "newest", self.group)
        self.problems: list[Problem] = [*self.filter.problems, *problems]
        if listing.scope_key not in SCOPES:
            self.problems.append(_unknown("scope", listing.scope, SCOPES))
        if listing.layout and listing.layout not in SHAPES:
            self.problems.append(_unknown("layout", listing.layout, dict.fromkeys(SHAPES)))

    @property
    def user(self) -> User:
        return self.asking.user

    @property
    def layout(self) -> str:
        return self.listing.layout if self.listing.layout in SHAPES else SHAPES[0]

    @property
    def is_grouped(self) -> bool:
        return bool(self.order.grouped)

    @property
    def frozen(self) -> int:
        return DEFAULT_FROZEN if self.listing.frozen is None else self.listing.frozen

    @cached_property
    def columns(self) -> list[Column]:
        """The columns in their order."""
        found, problems = read_columns(self.listing.columns or DEFAULT_COLUMNS)
        self.problems = [*self.problems, *problems]
        # A row without its reference has no name, and no way to its page.
        named = any(column.key == "ref" for column in found)
        return found if named else [COLUMNS["ref"], *found]

    def demands(self) -> DemandQuerySet:
        """The demands of the list with its words searched, in no order."""
        found = self.filter_of(self.all_seen())
        query = self.listing.query
        return found.matching(query) if query.strip() else found

    def all_seen(self) -> DemandQuerySet:
        """Every demand the table may show this person."""
        return Demand.objects.steered_by(self.user)

    def filter_of(self, demands: DemandQuerySet) -> DemandQuerySet:
        if self.scope == "running":
            demands = demands.filter(status__in=UNDER_WAY)
        elif self.scope == "decide":
            demands = demands.filter(status__in=TO_DECIDE)
        elif self.scope == "mine":
            demands = demands.filter(product_owner=self.user)
        return demands.filter(self.filter.where) if self.filter.where else demands

    def named_problems(self) -> list[Problem]:
        """Everything that could not be read, columns too."""
        _columns = self.columns
        return self.problems


def _unknown(field: str, value: str, known: Mapping[str, Any]) -> Problem:
    return Problem(
        field, _("“%(value)s” is not one of the choices.") % {"value": value[:40]},
        _("Use one of: %(words)s") % {"words": ", ".join(known)}, value[:200],
    )  # fmt: skip
