"""Demands like one that is being typed: by the rare words of its title, as tickets are found."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from feedback.choices import DemandStatus
from feedback.models import Demand
from feedback.querysets import DemandQuerySet
from tickets.models import WordCount
from tickets.search.similar import ALIKE, holds, likeness, weight_of, words_of

SHOWN = 5
#: Newest demands holding a rare word that are compared.
_CANDIDATES = 300
_ASKED_WORDS = 6


@dataclass(frozen=True)
class SimilarDemand:
    """A demand like some words, and how much they share (0 to 1)."""

    demand: Demand
    likeness: float


def similar_demands(
    demands: DemandQuerySet, title: str, product_id: int | None = None, limit: int = SHOWN
) -> list[SimilarDemand]:
    """The nearest of `demands`, nearest first, those of the product before others alike.

    How rare a word is, the titles of tickets say: both are told in the words of one house.
    Three queries; none for a title without words.
    """
    words = words_of(title)
    if not words:
        return []
    counts = dict(WordCount.objects.filter(word__in=words).values_list("word", "titles"))
    rarest = sorted(words, key=lambda word: (counts.get(word, 0), -len(word)))[:_ASKED_WORDS]
    any_of = Q()
    for word in rarest:
        any_of |= holds(word)
    newest = demands.filter(any_of).exclude(status=DemandStatus.MERGED).order_by("-pk")
    weights = {word: weight_of(counts.get(word, 0)) for word in words}
    ranked = sorted(
        (
            (likeness(weights, words_of(other)) + 0.05 * (product == product_id), pk)
            for pk, other, product in newest.values_list("pk", "title", "product_id")[:_CANDIDATES]
        ),
        reverse=True,
    )
    best = {pk: alike for alike, pk in ranked[:limit] if alike >= ALIKE}
    rows = Demand.objects.filter(pk__in=best).select_related("product").defer("search_key")
    return sorted((SimilarDemand(row, best[row.pk]) for row in rows), key=lambda one: -one.likeness)
