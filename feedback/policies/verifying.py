"""Invariant 4 on live data: who asked is owed word, once, and was put on the way to hear it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db.models import F

from feedback.choices import DemandStatus, ObligationReason, RoundKind, RoundState
from feedback.models import Demand, FeedbackItem, Obligation, Round

#: Who is owed for these reasons has given words; others were added, support it, or met it too.
_BY_WORDS = (ObligationReason.ASKED, ObligationReason.TICKET)


def obligations_equal_requesters() -> Iterator[str]:
    """|obligations| = |distinct requesters| of every demand, through merge, split and undo."""
    asked = set(
        FeedbackItem.objects.filter(demand__isnull=False)
        .values_list("demand_id", "person_id")
        .distinct()
    )
    standing = Obligation.objects.standing()
    owed = Counter(standing.values_list("demand_id", "person_id").iterator())
    by_words = set(
        standing.filter(reason__in=_BY_WORDS).values_list("demand_id", "person_id").iterator()
    )
    for (demand, person), times in sorted(owed.items()):
        if times > 1:
            yield f"D-{demand}: person {person} is owed {times} times"
    for demand, person in sorted(asked - owed.keys()):
        yield f"D-{demand}: person {person} asked and is owed nothing"
    for demand, person in sorted(by_words - asked):
        yield f"D-{demand}: person {person} is owed word and gave none"
    yield from _joined_to_their_own()
    yield from _merged_are_empty()
    yield from _verified_are_asked()


def _joined_to_their_own() -> Iterator[str]:
    strangers = Obligation.objects.filter(joined_to__isnull=False).exclude(
        joined_to__person=F("person")
    )
    for pk in strangers.order_by("pk").values_list("pk", flat=True):
        yield f"obligation {pk} is joined to somebody else's"


def _merged_are_empty() -> Iterator[str]:
    left = Obligation.objects.standing().filter(demand__status=DemandStatus.MERGED)
    for demand in left.order_by("demand_id").values_list("demand_id", flat=True).distinct():
        yield f"D-{demand} was merged and somebody is still owed word by it"


def _verified_are_asked() -> Iterator[str]:
    """Everybody owed by a verified demand has one round of its release, and only one."""
    verified = Demand.objects.filter(
        status=DemandStatus.RELEASED, verified_at__isnull=False, release__isnull=False
    )
    owed = Obligation.objects.standing().filter(demand__in=verified)
    rounds = Counter(
        Round.objects.filter(
            kind=RoundKind.RELEASE, release=F("obligation__demand__release"), obligation__in=owed
        ).values_list("obligation_id", flat=True)
    )
    for pk, ref in owed.order_by("pk").values_list("pk", "demand_id"):
        if not rounds[pk]:
            yield f"D-{ref}: obligation {pk} was never asked about its release"
    running = Round.objects.filter(
        state__in=(RoundState.QUEUED, RoundState.DELIVERED, RoundState.READ),
        ended_at__isnull=False,
    )
    for pk in running.order_by("pk").values_list("pk", flat=True):
        yield f"round {pk} is over and still under way"


def scores_equal_parts() -> Iterator[str]:
    """What the table sorts by is the score that the parts give."""
    apart = Demand.objects.filter(scored__isnull=False).exclude(score=F("scored__score"))
    for demand in apart.order_by("pk").select_related("scored"):
        yield f"{demand.ref}: the table says {demand.score}, its parts {demand.scored.score}"
