"""How far the people of a demand are: owed, delivered, read, confirmed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from feedback.choices import RoundState
from feedback.models import Obligation, Round


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
