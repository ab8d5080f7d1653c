"""Counting the words of titles, by which similar tickets are found."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from tickets.choices import Status
from tickets.models import Ticket, WordCount
from tickets.search.similar import SAMPLE, words_of


def count_words(sample: int = SAMPLE) -> int:
    """Count the words of the newest titles anew; gives how many words stand in several.

    A statistic that can be counted again at any time: no event, no lock, replaced as a whole.
    """
    counted: Counter[str] = Counter()
    newest = Ticket.objects.exclude(status=Status.CANCELLED).order_by("-pk")
    for title in newest.values_list("title", flat=True)[:sample].iterator():
        counted.update(words_of(title))
    # A word of a single title is as rare as one of none.
    rows = [WordCount(word=word, titles=titles) for word, titles in counted.items() if titles > 1]
    with transaction.atomic():
        WordCount.objects.all().delete()
        WordCount.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)
    return len(rows)
