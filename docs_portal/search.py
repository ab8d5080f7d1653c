"""Search in the manuals: exact, only what the person may see, titles and headings first.

A page is found when every word of the query occurs in its title, its headings or its text, as far
as the person reads them; the words may stand in different sections. Found pages stand in ranks:
titled exactly so, with the words in the title, in headings, in the text. Within a rank they come in
lots of `LOT`, the newest pages first, each lot ordered by how well it fits: so the first twenty
cost the same whether ten pages fit or ten thousand.

Only where nothing is found, Latin words of four letters and more are taken for slips of the keys:
the nearest words of the manuals are searched instead, and the page says so.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Product
from core.registry import Suggestion
from core.searchkey import Term, normalised, search_key, terms
from docs_portal.access import suggestion_of
from docs_portal.models import Page, PageSection
from docs_portal.querysets import SectionQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

#: Pages of one rank that are ordered among themselves.
LOT = 60
#: Share of the newest pages that is looked through before all of them: a word that fills no lot
#: there is rare enough for its index.
WINDOW = 0.03
#: A single Chinese character has no index: only so many of the newest pages are looked through.
NEWEST_SCANNED = 5000
#: Words of this many letters may be slips; words nearer than this share of trigrams are offered.
SLIP_LETTERS, SLIP_NEARNESS = 4, 0.2
SLIP_LONGEST = 30
#: A word of Latin letters alone, also where Chinese stands next to it; split at it, kept apart.
_LATIN = re.compile(r"((?<![a-z0-9_-])[a-z]+(?![a-z0-9_-]))")
#: Corrections of the whole query that are tried.
TRIES = 4


class Rank(IntEnum):
    """Where the words stand; lower comes first."""

    TITLED = 0
    TITLE = 1
    HEADING = 2
    TEXT = 3


@dataclass(frozen=True)
class Found:
    """A page with the section that fits best; `section` is the page itself where the title does."""

    page: Page
    section: PageSection
    rank: Rank


@dataclass(frozen=True)
class Results:
    """Some of the pages found, from `start` on.

    `corrected` are the words searched instead where the query itself found nothing. `is_partial`:
    the query has a single Chinese character, for which only the newest pages were looked through.
    """

    found: list[Found]
    start: int = 0
    has_more: bool = False
    query: str = ""
    corrected: str = ""
    is_partial: bool = False


@dataclass
class PageFinder:
    """One search of one person. `as_reader`: what they read, whatever their permissions show."""

    user: User
    query: str
    day: dt.date
    product: Product | None = None
    as_reader: bool = False
    _seen: set[int] = field(default_factory=set)

    @cached_property
    def terms(self) -> list[Term]:
        return terms(self.query)

    @property
    def is_partial(self) -> bool:
        return any(term.scans for term in self.terms)

    def __iter__(self) -> Iterator[Found]:
        """Every page that fits, best rank first; looked up lot by lot."""
        if not self.terms:
            return
        self._seen = set()
        for rank in Rank:
            before: int | None = None
            while True:
                lot = self._lot(rank, before)
                fresh = [pk for pk in lot if pk not in self._seen]
                self._seen.update(fresh)
                yield from self._fitted(rank, fresh)
                if len(lot) < LOT:
                    break
                before = lot[-1]

    def page_ids(self) -> list[int]:
        """Ids of every page that fits, in no order: one query, however many there are."""
        if not self.terms:
            return []
        rows = self._rows(Rank.TEXT, self.terms[0])
        for term in self.terms[1:]:
            others = self._rows(Rank.TEXT, term, self._parts).values("page_id")
            rows = rows.filter(page_id__in=others)
        return sorted(set(rows.order_by().values_list("page_id", flat=True)))

    @cached_property
    def _visible(self) -> SectionQuerySet:
        sections: SectionQuerySet = PageSection.objects.all()
        if self.product is not None:
            sections = sections.filter(page__manual__product=self.product)
        if self.is_partial:
            sections = sections.filter(page_id__gt=self._top - NEWEST_SCANNED)
        if self.as_reader:
            return sections.readable_by(self.user, self.day)
        return sections.visible_to(self.user, self.day)

    @cached_property
    def _top(self) -> int:
        top: int | None = PageSection.objects.aggregate(top=Max("page_id"))["top"]
        return (top or 0) + 1

    @cached_property
    def _parts(self) -> SectionQuerySet:
        """Parts for the person of pages that are known to be visible by another word."""
        if self.as_reader:
            return self._visible
        return PageSection.objects.all().parts_for(self.user, self.day)

    def _rows(
        self, rank: Rank, term: Term, sections: SectionQuerySet | None = None
    ) -> SectionQuerySet:
        rows = self._visible if sections is None else sections
        if rank is Rank.TEXT:
            return rows.filter(key__contains=term.needle)
        return rows.filter(heading_key__contains=term.needle)

    def _lot(self, rank: Rank, before: int | None) -> list[int]:
        """Ids of the next pages of a rank, newest first: all there are, or `LOT` of them."""
        top = self._top if before is None else before
        floor = int(top * (1 - WINDOW))
        if rank is not Rank.TITLED and not self.is_partial and top - floor >= LOT:
            found = self._between(rank, floor, before)
            if len(found) == LOT:
                return found
        return self._between(rank, None, before)

    def _between(self, rank: Rank, floor: int | None, before: int | None) -> list[int]:
        span = Q()
        if floor is not None:
            span &= Q(page_id__gte=floor)
        if before is not None:
            span &= Q(page_id__lt=before)
        if rank is Rank.TITLED:
            key = search_key(self.query)
            rows = self._visible.filter(span, position=0, heading_key=key)
        elif rank is Rank.TITLE:
            # A title is one row: it holds every word itself.
            rows = self._visible.filter(span, position=0)
            for term in self.terms:
                rows = rows.filter(heading_key__contains=term.needle)
        else:
            rows = self._rows(rank, self.terms[0]).filter(span)
            for term in self.terms[1:]:
                others = self._rows(rank, term, self._parts).filter(span).values("page_id")
                rows = rows.filter(page_id__in=others)
        # Ordered by an expression, so that the planner does not walk the index of pages for a rare
        # word; its own index finds it.
        ids = rows.order_by((F("page_id") + 0).desc()).values_list("page_id", flat=True)
        return list(ids.distinct()[:LOT])

    def _fitted(self, rank: Rank, pks: Sequence[int]) -> Iterator[Found]:
        if not pks:
            return
        holding = Q(position=0)
        for term in self.terms:
            holding |= Q(key__contains=term.needle)
        sections: dict[int, list[PageSection]] = {}
        for section in self._visible.filter(holding, page_id__in=pks).order_by("position"):
            sections.setdefault(section.page_id, []).append(section)
        pages = Page.objects.select_related("manual__product").in_bulk(list(pks))
        found = []
        for pk in pks:
            best = max(sections[pk], key=lambda section: self._fit(rank, section))
            found.append((self._fit(rank, best), pk, Found(pages[pk], best, rank)))
        yield from (one for _fit, _pk, one in sorted(found, key=lambda row: (row[0], row[1]))[::-1])

    def _fit(self, rank: Rank, section: PageSection) -> tuple[int, int, int, int]:
        """How well a section stands for its page: words in the heading, words at all, short
        headings before long ones, how often.
        """
        heading = sum(term.needle in section.heading_key for term in self.terms)
        inside = sum(term.needle in section.key for term in self.terms)
        often = sum(min(section.key.count(term.needle), 9) for term in self.terms)
        if rank <= Rank.TITLE:
            return (section.position == 0, -len(section.heading), inside, often)
        if rank is Rank.HEADING:
            return (heading, -len(section.heading) if heading else 0, inside, often)
        return (inside, heading, often, -section.position)


def find_pages(
    user: User, query: str, day: dt.date, *, product: Product | None = None, start: int = 0,
    limit: int = 20, as_reader: bool = False, corrects: bool = True,
) -> Results:  # fmt: skip
    """Some pages for a query, from `start` on; by the nearest words where it finds none at all."""
    finder = PageFinder(user, query, day, product, as_reader)
    found = list(itertools.islice(finder, start, start + limit + 1))
    if found or start or not corrects:
        return Results(
            found[:limit], start, len(found) > limit, query, is_partial=finder.is_partial
        )
    for words in corrections(query):
        tried = PageFinder(user, words, day, product, as_reader)
        found = list(itertools.islice(tried, limit + 1))
        if found:
            return Results(found[:limit], 0, len(found) > limit, query, corrected=words)
    return Results([], query=query, is_partial=finder.is_partial)


def corrections(query: str) -> list[str]:
    """What the query may have been meant to say, likeliest first; it names no page by itself."""
    pieces = _LATIN.split(normalised(query))
    choices = [[piece, *_near(piece)] if _may_be_slip(piece) else [piece] for piece in pieces]
    every = itertools.product(*(range(len(choice)) for choice in choices))
    # The words as they are come first and are left out: they found nothing.
    likely = sorted(itertools.islice(every, 64), key=lambda places: (sum(places), places))[1:]
    return [
        "".join(choice[place] for choice, place in zip(choices, places, strict=True))
        for places in likely[:TRIES]
    ]


def _may_be_slip(piece: str) -> bool:
    return SLIP_LETTERS <= len(piece) <= SLIP_LONGEST and _LATIN.fullmatch(piece) is not None


def _near(word: str) -> list[str]:
    """Words of the manuals a slip or two away, nearest first, those of headings before others."""
    slips = 1 if len(word) < 6 else 2
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('pg_trgm.similarity_threshold'),"
            " set_config('pg_trgm.similarity_threshold', %s, true)",
            [str(SLIP_NEARNESS)],
        )
        (before, _now) = cursor.fetchone()
        cursor.execute(
            "SELECT word, in_heading FROM docs_portal_pageword WHERE word %% %s AND word <> %s",
            [word, word],
        )
        rows = cursor.fetchall()
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [before])
    judged = ((distance(word, other), not in_heading, other) for other, in_heading in rows)
    return [other for slip, _unnamed, other in sorted(judged) if slip <= slips][:3]


def distance(one: str, other: str) -> int:
    """Letters to be changed, left out, put in or swapped with their neighbour to get from one word
    to the other (optimal string alignment).
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]


class PageSearch:
    """Manual pages in the search of the house."""

    name = "pages"

    def label(self) -> str:
        return _("Manuals")

    def search(self, user: AbstractBaseUser, query: str, limit: int) -> list[Suggestion]:
        if not isinstance(user, User):
            return []
        results = find_pages(user, query, timezone.localdate(), limit=limit)
        return [as_suggestion(found) for found in results.found]


def as_suggestion(found: Found) -> Suggestion:
    """A found page as a line that leads to the section that fits."""
    line = suggestion_of(found.page)
    if found.section.position == 0:
        return line
    detail = f"{line.detail} · {found.section.heading}" if found.section.heading else line.detail
    url = f"{line.url}#{found.section.anchor}" if found.section.anchor else line.url
    return Suggestion(line.kind, line.title, url, detail, line.ref)
