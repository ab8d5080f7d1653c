"""Tickets like one: the three rarest words of its title find candidates, and words in common rank
them. Trigrams over every title cost 533 ms at a million tickets, this under ten (quality.md).

A word is two neighbouring CJK characters, or a run of Latin letters or digits from three on; both
are what the search key's index finds exactly, so no second index and no dictionary is needed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F, Max, Q

from accounts.models import User
from core.searchkey import normalised, terms
from tickets.models import Ticket, WordCount
from tickets.querysets import TicketQuerySet

#: Titles that are counted: the newest, which is what new tickets resemble.
SAMPLE = 20_000
SHOWN = 5
CANDIDATES = 500
_ASKED_WORDS = 3
#: Words asked besides that no counted title holds twice: they cost nearly nothing.
_ASKED_UNKNOWN = 3
_MOST_WORDS = 40
#: From this share of titles on, a word finds too many: two such words must stand together.
_COMMON = 0.005
#: Newest tickets that are looked through when all words of a title are common.
_WINDOW = 20_000
#: Below this share of weighted words in common, two titles only happen to share a word.
ALIKE = 0.25
_RUN = re.compile(r"[0-9a-zà-ɏа-яё]{3,40}")
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]+")
_WITH = ("cause", "answer_page", "product")


def words_of(text: str) -> list[str]:
    """The words of a title, each once, in their order."""
    plain = normalised(text)
    found = [run.group() for run in _RUN.finditer(plain)]
    for run in _CJK.finditer(plain):
        piece = run.group()
        found += [piece[at : at + 2] for at in range(len(piece) - 1)]
    return list(dict.fromkeys(found))[:_MOST_WORDS]


@dataclass(frozen=True)
class Similar:
    """A ticket like another, and how much of their words they share (0 to 1)."""

    ticket: Ticket
    likeness: float


def similar_to(ticket: Ticket, user: User, limit: int = SHOWN) -> list[Similar]:
    """The nearest tickets this person may see, nearest first: three queries."""
    words = words_of(ticket.title)
    if not words:
        return []
    counts = dict(WordCount.objects.filter(word__in=words).values_list("word", "titles"))
    visible = Ticket.objects.visible_to(user).exclude(pk=ticket.pk).exclude(merged_into=ticket)
    found = _candidates(visible, words, counts)
    weights = {word: weight_of(counts.get(word, 0)) for word in words}
    ranked = sorted(
        (
            (likeness(weights, words_of(title)) + 0.05 * (product_id == ticket.product_id), pk)
            for pk, title, product_id in found
        ),
        reverse=True,
    )
    best = {pk: alike for alike, pk in ranked[:limit] if alike >= ALIKE}
    rows = Ticket.objects.filter(pk__in=best).select_related(*_WITH).defer("search_key")
    return sorted((Similar(row, best[row.pk]) for row in rows), key=lambda one: -one.likeness)


def _candidates(
    visible: TicketQuerySet, words: list[str], counts: Mapping[str, int]
) -> Iterable[tuple[int, str, int]]:
    # A longer word says more than a pair of characters that is as rare.
    unknown = sorted((word for word in words if word not in counts), key=len, reverse=True)
    rarest = sorted(counts, key=lambda word: (counts[word], -len(word)))[:_ASKED_WORDS]
    rare = unknown[:_ASKED_UNKNOWN]
    rare += [word for word in rarest if counts[word] <= SAMPLE * _COMMON]
    if rare:
        any_of = Q()
        for word in rare:
            any_of |= holds(word)
        chosen = visible.filter(any_of)
    else:  # every word is known, and common
        top = Ticket.objects.aggregate(top=Max("pk"))["top"] or 0
        chosen = visible.filter(pk__gt=top - _WINDOW)
        for word in rarest[:2]:
            chosen = chosen.filter(holds(word))
    # Sorting by an expression keeps the planner from walking the primary key for a rare word.
    newest = chosen.order_by((F("pk") + 0).desc())
    return newest.values_list("pk", "title", "product_id")[:CANDIDATES]


def holds(word: str) -> Q:
    """The search key holds the word; the index finds it by its trigrams."""
    return Q(search_key__contains=terms(word)[0].needle)


def weight_of(titles: int) -> float:
    return math.log(SAMPLE / (titles + 1)) + 1


def likeness(weights: Mapping[str, float], others: Collection[str]) -> float:
    """Weighted words in common, of all words of both (a Tversky index, alpha 1, beta 0.5).

    `weights` are those of the ticket that is compared; a word only the other has counts half an
    average one, so that a longer title of the same trouble is not held against it.
    """
    total = sum(weights.values())
    shared = sum(weights[word] for word in others if word in weights)
    alone = sum(1 for word in others if word not in weights)
    return shared / (total + 0.5 * alone * total / len(weights)) if total else 0.0
