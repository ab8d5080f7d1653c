"""How far the people of a demand are: owed, delivered, read, confirmed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from core.prepared import Prepared
from feedback.choices import RoundKind, RoundState
from feedback.models import Obligation, Release, Round


@dataclass(frozen=True)
class Told:
    """How far the people of one demand are, each counted by their newest round."""

    people: int = 0
    delivered: int = 0
    read: int = 0
    confirmed: int = 0
    not_solved: int = 0
    #: Of everybody owed: told by now or to be told now; not yet reached by a roll-out are left out.
    due: int = 0
    #: Nobody has to hear it any more (waived), it could not be delivered, nobody answered in time.
    waived: int = 0
    unreachable: int = 0
    expired: int = 0

    @property
    def to_tell(self) -> int:
        """Below the line of the told rate (告知率): due and not waived."""
        return self.due - self.waived

    @property
    def begun(self) -> bool:
        """Whether there was anything to tell yet."""
        return bool(self.delivered or self.read or self.confirmed or self.not_solved)


def told_of(pks: list[int]) -> dict[int, Told]:
    """How far the people of each of these demands are. Two queries, however many."""
    wanted = tuple(pks)
    people = dict(_people(pks=wanted))
    figures = {pk: rest for pk, *rest in _rounds(pks=wanted)}
    return {pk: Told(people.get(pk, 0), *figures.get(pk, ())) for pk in pks}


@Prepared
def _people(pks: tuple[int, ...]) -> QuerySet[Obligation, tuple[int, int]]:
    standing = Obligation.objects.standing().filter(demand__in=pks)
    return standing.values_list("demand_id").annotate(Count("pk")).order_by()


@Prepared
def _rounds(pks: tuple[int, ...]) -> QuerySet[Round, tuple[int, ...]]:
    newest = (
        Round.objects.filter(obligation__demand__in=pks, obligation__joined_to__isnull=True)
        .order_by("obligation_id", "-pk")
        .distinct("obligation_id")
        .values("pk")
    )
    return (
        Round.objects.filter(pk__in=newest)
        .values_list("obligation__demand_id")
        .annotate(
            delivered=Count("pk", filter=Q(delivered_at__isnull=False)),
            read=Count("pk", filter=Q(read_at__isnull=False)),
            confirmed=Count("pk", filter=Q(state=RoundState.CONFIRMED)),
            not_solved=Count("pk", filter=Q(state=RoundState.NOT_SOLVED)),
            due=Count("pk", filter=~Q(state=RoundState.OWED)),
            waived=Count("pk", filter=Q(state=RoundState.WAIVED)),
            unreachable=Count("pk", filter=Q(state=RoundState.UNREACHABLE)),
            expired=Count("pk", filter=Q(state=RoundState.EXPIRED)),
        )
        .order_by()
    )


def told_of_release(release: Release) -> Told:
    """How far the people asked about one release are, each round by itself. One query."""
    rounds = Round.objects.filter(kind=RoundKind.RELEASE, release=release)
    return Told(
        **rounds.aggregate(
            people=Count("pk"),
            delivered=Count("pk", filter=Q(delivered_at__isnull=False)),
            read=Count("pk", filter=Q(read_at__isnull=False)),
            confirmed=Count("pk", filter=Q(state=RoundState.CONFIRMED)),
            not_solved=Count("pk", filter=Q(state=RoundState.NOT_SOLVED)),
            due=Count("pk", filter=~Q(state=RoundState.OWED)),
            waived=Count("pk", filter=Q(state=RoundState.WAIVED)),
            unreachable=Count("pk", filter=Q(state=RoundState.UNREACHABLE)),
            expired=Count("pk", filter=Q(state=RoundState.EXPIRED)),
        )
    )
