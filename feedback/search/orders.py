"""In which order the demand table stands, and its groups: pages by key, as lists of tickets."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.db.models.functions import TruncQuarter
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.errors import Problem
from feedback.choices import DemandStatus
from feedback.querysets import DemandQuerySet
from feedback.search.measures import MEASURES
from tickets.search.orders import Key, Order, Sort
from tickets.search.orders import order_of as order_by_words

#: The order of the table: the way a demand goes, then where ways end.
STATUSES = (
    DemandStatus.COLLECTED, DemandStatus.EVALUATING, DemandStatus.ACCEPTED, DemandStatus.SCHEDULED,
    DemandStatus.IN_DEVELOPMENT, DemandStatus.TESTING, DemandStatus.RELEASED,
    DemandStatus.ROLLED_BACK, DemandStatus.DEFERRED, DemandStatus.DECLINED, DemandStatus.CLOSED,
    DemandStatus.MERGED,
)  # fmt: skip
_RANK = {status.value: place for place, status in enumerate(STATUSES)}
_PRODUCT = Key("product__name", holds="text")
_MODULE = Key("module__name", optional=True, holds="text")
_OWNER = Key("product_owner__name", optional=True, holds="text")
_RELEASE = Key("release__name", optional=True, holds="text")

SORTS: dict[str, Sort] = {
    sort.key: sort
    for sort in (
        Sort("newest", gettext_lazy("Newest"), ()),
        Sort("oldest", gettext_lazy("Oldest"), ()),
        Sort("title", gettext_lazy("Demand"), (Key("title", holds="text"),)),
        Sort("status", gettext_lazy("Status"), (Key("status_rank"),)),
        Sort("priority", gettext_lazy("Priority"), (Key("priority", optional=True),)),
        Sort("score", gettext_lazy("Score"), (Key("score", True, True, "decimal"),)),
        Sort("effort", gettext_lazy("Effort"), (Key("effort", True, True, "decimal"),)),
        Sort("people", gettext_lazy("Owed word"), (Key("people", True),)),
        Sort("waiting", gettext_lazy("People waiting"), (Key("waiting", True),)),
        Sort("wanted", gettext_lazy("Wanted by"), (Key("wanted_on", False, True, "day"),)),
        Sort("planned", gettext_lazy("Planned"), (Key("planned_on", False, True, "day"),)),
        Sort("released", pgettext_lazy("date", "Actual"),
             (Key("released_at", True, True, "moment"),)),
        Sort("deferred", gettext_lazy("Looked at again on"),
             (Key("deferred_until", False, True, "day"),)),
        Sort("product", gettext_lazy("Product"), (_PRODUCT, _MODULE)),
        Sort("module", gettext_lazy("Module"), (_MODULE,)),
        Sort("kind", gettext_lazy("Kind"), (Key("kind", holds="text"),)),
        Sort("source", gettext_lazy("Source"), (Key("source", holds="text"),)),
        Sort("owner", gettext_lazy("Product owner"), (_OWNER,)),
        Sort("proposer", gettext_lazy("Proposer"),
             (Key("proposer__name", optional=True, holds="text"),)),
        Sort("release", gettext_lazy("Release"), (_RELEASE,)),
        Sort("reopened", gettext_lazy("Times not solved"), (Key("reopened_times", True),)),
    )
}  # fmt: skip
NO_GROUP = "none"
#: Groups by columns of the demand: their keys are what totals are counted by as well.
GROUPS: dict[str, Sort] = {
    group.key: group
    for group in (
        Sort("status", gettext_lazy("Status"), (Key("status_rank"),)),
        Sort("product", gettext_lazy("Product"), (_PRODUCT,)),
        Sort("module", gettext_lazy("Module"), (_PRODUCT, _MODULE)),
        Sort("owner", gettext_lazy("Product owner"),
             (_OWNER, Key("product_owner_id", optional=True))),
        Sort("priority", gettext_lazy("Priority"), (Key("priority", optional=True),)),
        Sort("kind", gettext_lazy("Kind"), (Key("kind", holds="text"),)),
        Sort("source", gettext_lazy("Source"), (Key("source", holds="text"),)),
        Sort("release", gettext_lazy("Release"), (_RELEASE, Key("release_id", optional=True))),
        Sort("quarter", gettext_lazy("Planned quarter"),
             (Key("quarter", optional=True, holds="day"),)),
    )
}  # fmt: skip


def order_of(sort: str, group: str) -> tuple[Order, list[Problem]]:
    """The order two words of an address ask for; `-` before a sort turns it round."""
    return order_by_words(sort, "" if group == NO_GROUP else group, sorts=SORTS, groups_of=GROUPS)


def ranked(demands: DemandQuerySet, paths: tuple[str, ...]) -> DemandQuerySet:
    """`demands` with what these paths make up: ranks, quarters, figures of people."""
    made: dict[str, Any] = {name: make() for name, make in MEASURES.items() if name in paths}
    if "status_rank" in paths:
        whens = [When(status=status, then=Value(place)) for status, place in _RANK.items()]
        made["status_rank"] = Case(
            *whens, default=Value(len(STATUSES)), output_field=IntegerField()
        )
    if "quarter" in paths:
        made["quarter"] = TruncQuarter("planned_on")
    return demands.annotate(**made) if made else demands


def status_of_rank(rank: int) -> str:
    return STATUSES[rank].value


def rank_of_status(status: str) -> int:
    return _RANK[status]


def quarter_of(day: dt.date) -> dt.date:
    """The first day of the quarter a day lies in."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def next_quarter(day: dt.date) -> dt.date:
    """The first day of the quarter after that of `day`."""
    first = quarter_of(day)
    return (
        first.replace(year=first.year + 1, month=1)
        if first.month == 10
        else first.replace(month=first.month + 3)
    )
