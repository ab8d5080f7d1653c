"""Demands in the search of the house, and the pages of the demand table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core.registry import Suggestion
from feedback.choices import DemandStatus, RoundState
from feedback.models import Demand, Obligation, Round
from feedback.querysets import DemandQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

PAGE_SIZE = 50
#: The order of the table: the way a demand goes, then where ways end.
ORDER = (
    DemandStatus.COLLECTED, DemandStatus.EVALUATING, DemandStatus.ACCEPTED, DemandStatus.SCHEDULED,
    DemandStatus.IN_DEVELOPMENT, DemandStatus.TESTING, DemandStatus.RELEASED,
    DemandStatus.ROLLED_BACK, DemandStatus.DEFERRED, DemandStatus.DECLINED, DemandStatus.CLOSED,
    DemandStatus.MERGED,
)  # fmt: skip
_RANK = {status.value: place for place, status in enumerate(ORDER)}


@dataclass(frozen=True)
class Told:
    """How far the people of one demand are, each counted by their newest round."""

    people: int = 0
    delivered: int = 0
    read: int = 0
    confirmed: int = 0
    not_solved: int = 0

    @property
    def begun(self) -> bool:
        """Whether there was anything to tell yet."""
        return bool(self.delivered or self.read or self.confirmed or self.not_solved)


@dataclass(frozen=True)
class TablePage:
    """One page of the table and the keys of its neighbours ("" at an end)."""

    rows: list[Demand]
    told: Mapping[int, Told]
    newer: str
    older: str


def table_page(demands: DemandQuerySet, *, before: str = "", after: str = "") -> TablePage:
    """The page after (`before` in the order) or in front of a key, in three queries."""
    ranked = demands.annotate(rank=_rank()).select_related(
        "product", "module", "release", "product_owner"
    )
    if (key := _key(after)) is not None:
        rank, pk = key
        nearer = ranked.filter(Q(rank__lt=rank) | Q(rank=rank, pk__gt=pk))
        found = list(nearer.order_by("-rank", "pk")[: PAGE_SIZE + 1])
        rows = found[:PAGE_SIZE][::-1]
        newer, older = len(found) > PAGE_SIZE, bool(rows)
    else:
        key = _key(before)
        if key is not None:
            rank, pk = key
            ranked = ranked.filter(Q(rank__gt=rank) | Q(rank=rank, pk__lt=pk))
        found = list(ranked.order_by("rank", "-pk")[: PAGE_SIZE + 1])
        rows = found[:PAGE_SIZE]
        newer, older = key is not None and bool(rows), len(found) > PAGE_SIZE
    return TablePage(
        rows,
        told_of([row.pk for row in rows]),
        key_of(rows[0]) if rows and newer else "",
        key_of(rows[-1]) if rows and older else "",
    )


def _rank() -> Case:
    whens = [When(status=status, then=Value(place)) for status, place in _RANK.items()]
    return Case(*whens, default=Value(len(ORDER)), output_field=IntegerField())


def key_of(demand: Demand) -> str:
    """Where a demand stands in the table's order, as an address carries it."""
    return f"{_RANK[demand.status]}-{demand.pk}"


def _key(text: str) -> tuple[int, int] | None:
    rank, _dash, pk = text.partition("-")
    if rank.isdecimal() and pk.isdecimal() and len(rank) < 3 and len(pk) < 18:
        return int(rank), int(pk)
    return None


def told_of(pks: list[int]) -> dict[int, Told]:
    """How far the people of each of these demands are. Two queries, however many."""
    people = dict(
        Obligation.objects.filter(demand__in=pks)
        .values_list("demand_id")
        .annotate(Count("pk"))
        .order_by()
    )
    newest = (
        Round.objects.filter(obligation__demand__in=pks)
        .order_by("obligation_id", "-pk")
        .distinct("obligation_id")
        .values("pk")
    )
    counted = (
        Round.objects.filter(pk__in=newest)
        .values_list("obligation__demand_id")
        .annotate(
            delivered=Count("pk", filter=Q(delivered_at__isnull=False)),
            read=Count("pk", filter=Q(read_at__isnull=False)),
            confirmed=Count("pk", filter=Q(state=RoundState.CONFIRMED)),
            not_solved=Count("pk", filter=Q(state=RoundState.NOT_SOLVED)),
        )
        .order_by()
    )
    figures = {pk: rest for pk, *rest in counted}
    return {pk: Told(people.get(pk, 0), *figures.get(pk, (0, 0, 0, 0))) for pk in pks}


class DemandSearch:
    """Demands whose title, problem or proposal contains every word, newest first."""

    name = "demands"

    def label(self) -> str:
        return _("Demands")

    def search(self, user: AbstractBaseUser, query: str, limit: int) -> list[Suggestion]:
        if not isinstance(user, User):
            return []
        found = Demand.objects.visible_to(user).matching(query).select_related("product")
        return [suggestion_of(demand) for demand in found.order_by("-pk")[:limit]]


def suggestion_of(demand: Demand) -> Suggestion:
    """A demand as a search or a form offers it."""
    return Suggestion(
        kind="demand",
        title=demand.title,
        url=reverse("demand", args=[demand.pk]),
        detail=f"{demand.ref} · {demand.product} · {DemandStatus(demand.status).label}",
        ref=demand.ref,
    )
