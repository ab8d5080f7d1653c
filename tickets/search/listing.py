"""A list of tickets as an address or a saved view says it: which, in what order, shown how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.http import QueryDict

from accounts.models import User
from core.errors import Problem
from tickets.models import SavedView
from tickets.querysets import TicketQuerySet
from tickets.search.columns import (
    CUSTOM,
    MOST_COLUMNS,
    TABLE_COLUMNS,
    Shown,
    own_values,
    shown_columns,
)
from tickets.search.filters import Asking, Filter, fields, read_filter
from tickets.search.filters.condition import LONGEST, MOST_CONDITIONS
from tickets.search.orders import Order, order_of, ranked
from tickets.search.pages import Wanted
from tickets.search.queues import DEFAULT_QUEUE, ENDED, Queue, queue_named, tickets_in

LAYOUTS = tuple(SavedView.Layout.values)
BOARDS = ("level", "status")
#: The words of an address that say which list it is; page keys are not among them.
WORDS = ("view", "queue", "q", "f", "sort", "group", "columns", "layout", "board")


#: Words that hold one value, and what they are called here.
_SIMPLE = {
    "queue": "queue", "q": "query", "sort": "sort", "group": "group", "layout": "layout",
    "board": "board",
}  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """The words that make a list. Every one may be wrong: what they mean is in `Read`."""

    queue: str = ""
    query: str = ""
    filters: tuple[str, ...] = ()
    sort: str = ""
    group: str = ""
    columns: tuple[str, ...] = ()
    layout: str = ""
    board: str = ""

    @classmethod
    def of(cls, given: QueryDict, base: Listing | None = None) -> Listing:
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
        return found

    @classmethod
    def of_view(cls, view: SavedView) -> Listing:
        return cls(
            view.queue, view.query, tuple(view.filters), view.sort, view.group,
            tuple(view.columns), view.layout, view.board,
        )  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Listing:
        lists = {"filters", "columns"}
        given: dict[str, Any] = {k: tuple(v) if k in lists else v for k, v in value.items()}
        return cls(**given)

    def as_json(self) -> dict[str, Any]:
        return {
            "queue": self.queue, "query": self.query, "filters": list(self.filters),
            "sort": self.sort, "group": self.group, "columns": list(self.columns),
            "layout": self.layout, "board": self.board,
        }  # fmt: skip

    def words(self, base: Listing | None = None) -> list[tuple[str, str]]:
        """As parameters of an address; of a saved view only what differs from it."""
        base = base or Listing()
        found = []
        for word, mine, theirs in (
            ("queue", self.queue, base.queue), ("q", self.query, base.query),
            ("sort", self.sort, base.sort), ("group", self.group, base.group),
            ("layout", self.layout, base.layout), ("board", self.board, base.board),
            ("columns", ",".join(self.columns), ",".join(base.columns)),
        ):  # fmt: skip
            if mine != theirs:
                found.append((word, mine))
        if self.filters != base.filters:
            found += [("f", text) for text in self.filters] or [("f", "")]
        return found

    @property
    def queue_key(self) -> str:
        # A search or a filter looks everywhere unless it names a queue.
        return self.queue or ("all" if self.query or self.filters else DEFAULT_QUEUE)

    def read(self, asking: Asking) -> Read:
        return Read(self, asking)


def clean_word(text: str, maximum: int) -> str:
    """Words as a person typed them: no NUL, which no text in the database holds."""
    return text.replace("\x00", "").strip()[:maximum]


def several_words(texts: Iterable[str], most: int) -> tuple[str, ...]:
    found = (clean_word(text, LONGEST) for text in texts)
    return tuple(dict.fromkeys(text for text in found if text))[:most]


class Read:
    """What a listing means to a person at a moment, and what of it could not be read."""

    def __init__(self, listing: Listing, asking: Asking) -> None:
        self.listing, self.asking = listing, asking
        self.queue: Queue = queue_named(listing.queue_key)
        self.filter: Filter = read_filter(listing.filters, asking)
        self.order: Order
        self.order, self.problems = order_of(
            listing.sort or self.queue.sort, listing.group, self.queue.filled
        )
        self.problems = [*self.filter.problems, *self.problems]

    @property
    def user(self) -> User:
        return self.asking.user

    @property
    def is_narrow(self) -> bool:
        """Holds tickets that are worked on, not everything that ever was."""
        return self.queue not in ENDED or self.filter.is_of_open

    @property
    def layout(self) -> str:
        return self.listing.layout if self.listing.layout in LAYOUTS else LAYOUTS[0]

    @property
    def board(self) -> str:
        return self.listing.board if self.listing.board in BOARDS else BOARDS[0]

    @cached_property
    def shown(self) -> Shown:
        keys = self.listing.columns
        if not keys and self.layout == "table":
            keys = TABLE_COLUMNS
        own = {}
        if any(key.startswith(CUSTOM) for key in keys):
            own = {key: str(f.label) for key, f in fields().items() if f.group == "custom"}
        found, problems = shown_columns(keys, own)
        self.problems = [*self.problems, *problems]
        return found

    def tickets(self) -> TicketQuerySet:
        """The tickets of the list, in no order; words are searched by the page."""
        return self.filter.of(tickets_in(self.queue, self.user, self.asking.now))

    def all_tickets(self) -> TicketQuerySet:
        """The tickets of the list with its words searched: what a bulk act or an export takes."""
        found = self.tickets()
        query = self.listing.query
        return found.matching(query) if query.strip() else found

    def wanted(self, before: str = "", after: str = "") -> Wanted:
        """The page between two keys; a key of another order is the first page."""
        return Wanted(
            self.order, self.order.read(before) if before else None,
            self.order.read(after) if after else None, self.listing.query, self.shown.paths,
            self.is_narrow,
        )  # fmt: skip

    def rows_of(self, tickets: TicketQuerySet) -> TicketQuerySet:
        """`tickets` with what order and columns make up."""
        own = own_values([column.key for column in self.shown.columns])
        return ranked(tickets.annotate(**own) if own else tickets, self.order, self.asking)

    def named_problems(self) -> list[Problem]:
        """Everything that could not be read, columns too."""
        _columns = self.shown
        return self.problems
