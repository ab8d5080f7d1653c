"""In which order a list stands, and pages of it by key: no page costs more than the first.

An order is a row of keys, the last of them the ticket's number, so that no two rows are equal.
Empty values come last in either direction. A page begins beyond the keys of the last row of the
page before, whatever has become of that row since.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.expressions import OrderBy
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.errors import Problem
from tickets.choices import Status
from tickets.querysets import TicketQuerySet
from tickets.search.filters import Asking

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Key:
    """One key of an order: a path of the ticket (or an annotation), and what it holds."""

    path: str
    descending: bool = False
    optional: bool = False
    holds: str = "number"  # number, decimal, text, moment, day

    def turned(self) -> Key:
        return Key(self.path, not self.descending, self.optional, self.holds)

    def order_by(self, backwards: bool) -> OrderBy:
        """Empty values last, or first when the list is walked backwards."""
        at = F(self.path)
        down = self.descending != backwards
        nulls: dict[str, Any] = {}
        if self.optional:
            nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        return at.desc(**nulls) if down else at.asc(**nulls)

    def beyond(self, value: Any, backwards: bool) -> Q:
        """Rows after `value`, or before it when the list is walked backwards."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if backwards else Q(pk__in=[])
        side = "lt" if self.descending != backwards else "gt"
        found = Q(**{f"{self.path}__{side}": value})
        if self.optional and not backwards:
            found |= Q(**{f"{self.path}__isnull": True})
        return found

    def equal(self, value: Any) -> Q:
        if value is None:
            return Q(**{f"{self.path}__isnull": True})
        return Q(**{self.path: value})

    def read(self, value: Any) -> Any:
        """A value out of an address. Raises ValueError."""
        if value is None:
            if self.optional:
                return None
            raise ValueError(value)
        if self.holds in ("moment", "day"):
            found = (parse_datetime if self.holds == "moment" else parse_date)(str(value))
            if found is None:
                raise ValueError(value)
            return found
        if self.holds == "text":
            return str(value)[:200]
        if self.holds == "decimal":
            return _decimal(value)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**62:
            raise ValueError(value)
        return value


def _decimal(value: Any) -> Decimal:
    try:
        found = Decimal(str(value)[:40])
    except InvalidOperation as error:
        raise ValueError(value) from error
    if not found.is_finite() or abs(found) >= Decimal(10) ** 12:
        raise ValueError(value)
    return found


NUMBER = Key("pk", descending=True)


#: Product, then module.
_PLACE = (Key("product__name", holds="text"), Key("module__name", optional=True, holds="text"))


@dataclass(frozen=True)
class Sort:
    """A way to sort: its word, its name, its keys in the direction people expect first."""

    key: str
    label: str | StrPromise
    keys: tuple[Key, ...]


SORTS: dict[str, Sort] = {
    sort.key: sort
    for sort in (
        Sort("newest", gettext_lazy("Newest"), ()),
        Sort("oldest", gettext_lazy("Oldest"), ()),
        Sort("priority", gettext_lazy("Priority"), (Key("priority"),)),
        Sort("due", gettext_lazy("Due"),
             (Key("resolution_due_at", optional=True, holds="moment"),)),
        Sort("clock", gettext_lazy("Clock that runs"),
             (Key("due_at", optional=True, holds="moment"),)),
        Sort("updated", gettext_lazy("Updated"), (Key("updated_at", True, holds="moment"),)),
        Sort("submitted", gettext_lazy("Submitted"), (Key("submitted_at", True, holds="moment"),)),
        Sort("promised", gettext_lazy("Promised date"),
             (Key("promised_on", optional=True, holds="day"),)),
        Sort("closed", gettext_lazy("Closed"),
             (Key("closed_at", True, optional=True, holds="moment"),)),
        Sort("level", gettext_lazy("Level"), (Key("level", True, optional=True),)),
        Sort("status", gettext_lazy("Status"), (Key("status_rank"),)),
        Sort("requester", gettext_lazy("Requester"), (Key("requester__name", holds="text"),)),
        Sort("assignee", gettext_lazy("Holder"),
             (Key("assignee__name", optional=True, holds="text"),)),
        Sort("product", gettext_lazy("Product"), _PLACE),
        Sort("bounces", gettext_lazy("Returns"), (Key("bounces", True),)),
    )
}  # fmt: skip
DEFAULT_SORT = "newest"
#: Nearer than this many days falls into the bucket "this week".
_SOON_DAYS = 7
DUE_BUCKETS: dict[int, StrPromise] = {
    0: pgettext_lazy("due", "Overdue"), 1: pgettext_lazy("due", "Today"),
    2: pgettext_lazy("due", "In 7 days"), 3: pgettext_lazy("due", "Later"),
    4: pgettext_lazy("due", "No date"),
}  # fmt: skip
_RANKS = {status.value: rank for rank, status in enumerate(Status)}
GROUPS: dict[str, Sort] = {
    group.key: group
    for group in (
        Sort("status", gettext_lazy("Status"), (Key("status_rank"),)),
        Sort("level", gettext_lazy("Level"), (Key("level", True, optional=True),)),
        Sort("assignee", gettext_lazy("Holder"),
             (Key("assignee__name", optional=True, holds="text"),
              Key("assignee_id", optional=True))),
        Sort("team", gettext_lazy("Team"), (Key("team__name", optional=True, holds="text"),)),
        Sort("product", gettext_lazy("Product"), (Key("product__name", holds="text"),)),
        Sort("module", gettext_lazy("Module"), _PLACE),
        Sort("priority", gettext_lazy("Priority"), (Key("priority"),)),
        Sort("due", gettext_lazy("Due"), (Key("due_bucket"),)),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Order:
    """The keys of a list, groups first, and how many of them are the group's."""

    keys: tuple[Key, ...]
    grouped: int = 0

    @property
    def is_by_number(self) -> bool:
        return self.keys == (NUMBER,)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(key.path for key in self.keys)

    def order_by(self, backwards: bool = False) -> list[OrderBy]:
        return [key.order_by(backwards) for key in self.keys]

    def beyond(self, values: Sequence[Any], backwards: bool = False) -> Q:
        """Rows on the other side of the row with these keys."""
        found, equal = Q(pk__in=[]), Q()
        for key, value in zip(self.keys, values, strict=True):
            found |= equal & key.beyond(value, backwards)
            equal &= key.equal(value)
        first, value = self.keys[0], values[0]
        if len(self.keys) > 1 and value is not None and not (first.optional and not backwards):
            # Follows from the rest, and is what leads into an index.
            side = "lte" if first.descending != backwards else "gte"
            found &= Q(**{f"{first.path}__{side}": value})
        return found

    def token(self, values: Sequence[Any]) -> str:
        """The keys of a row as an address holds them."""
        if self.is_by_number:
            return str(values[0])
        plain = [
            v.isoformat() if isinstance(v, dt.date) else str(v) if isinstance(v, Decimal) else v
            for v in values
        ]
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))

    def read(self, token: str) -> tuple[Any, ...] | None:
        """The keys a token holds; None when it is not one of this order."""
        if self.is_by_number:
            return (int(token),) if token.isdecimal() and len(token) < 18 else None
        try:
            values = json.loads(token) if len(token) < 1000 else None
            if not isinstance(values, list) or len(values) != len(self.keys):
                return None
            return tuple(key.read(value) for key, value in zip(self.keys, values, strict=True))
        except (ValueError, RecursionError):
            return None


def order_of(
    sort: str,
    group: str = "",
    filled: frozenset[str] = frozenset(),
    *,
    sorts: Mapping[str, Sort] = SORTS,
    groups_of: Mapping[str, Sort] = GROUPS,
) -> tuple[Order, list[Problem]]:
    """The order two words of an address ask for; `-` before a sort turns it round.

    `filled` are paths that are never empty in this list, so that an index of theirs may serve.
    """
    problems = []
    name = sort.removeprefix("-")
    if sort and name not in sorts:
        problems.append(
            Problem(
                "sort", _("“%(value)s” is no way to sort.") % {"value": name[:40]},
                _("Use one of: %(words)s") % {"words": ", ".join(sorts)}, name[:200],
            )
        )  # fmt: skip
        name, sort = DEFAULT_SORT, ""
    if group and group not in groups_of:
        problems.append(
            Problem(
                "group", _("“%(value)s” is no way to group.") % {"value": group[:40]},
                _("Use one of: %(words)s") % {"words": ", ".join(groups_of)}, group[:200],
            )
        )  # fmt: skip
        group = ""
    keys = sorts[name or DEFAULT_SORT].keys
    number = NUMBER
    if name == "oldest":
        number = NUMBER.turned()
    if sort.startswith("-"):
        keys = tuple(key.turned() for key in keys)
        number = number if keys else number.turned()
    groups = groups_of[group].keys if group else ()
    keys = tuple(replace(key, optional=key.optional and key.path not in filled) for key in keys)
    rest = tuple(key for key in keys if key.path not in {own.path for own in groups})
    return Order((*groups, *rest, number), len(groups)), problems


def ranked(tickets: TicketQuerySet, order: Order, asking: Asking) -> TicketQuerySet:
    """`tickets` with the columns an order makes up: the rank of a status, the bucket of a date."""
    if "status_rank" in order.paths:
        ranks = [When(status=status, then=Value(rank)) for status, rank in _RANKS.items()]
        tickets = tickets.annotate(
            status_rank=Case(*ranks, default=Value(len(ranks)), output_field=IntegerField())
        )
    if "due_bucket" in order.paths:
        tickets = tickets.annotate(due_bucket=_due_bucket(asking))
    return tickets


def _due_bucket(asking: Asking) -> Case:
    tomorrow = asking.today + dt.timedelta(days=1)
    midnight = dt.datetime.combine(tomorrow, dt.time(), timezone.get_default_timezone())
    return Case(
        When(resolution_due_at__isnull=True, then=Value(4)),
        When(resolution_due_at__lt=asking.now, then=Value(0)),
        When(resolution_due_at__lt=midnight, then=Value(1)),
        When(resolution_due_at__lt=midnight + dt.timedelta(days=_SOON_DAYS), then=Value(2)),
        default=Value(3), output_field=IntegerField(),
    )  # fmt: skip


def status_of_rank(rank: int) -> str:
    return list(_RANKS)[rank]
