"""How common words are in titles: what tells the words that make a ticket findable."""

from __future__ import annotations

from django.db import models


class WordCount(models.Model):
    """In how many titles of the newest tickets a word stands; words that stand nowhere have no row.

    Counted anew by the clock (`tickets.search.similar.count_words`), never kept exact: it only
    chooses which three words of a title are worth searching.
    """

    word = models.CharField(max_length=40, primary_key=True)
    titles = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.word} {self.titles}"
