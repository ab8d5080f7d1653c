"""What search reads of a page, kept with its publication; and what was searched in vain."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from catalog.models import Product, ProductRole
from core.searchkey import normalised, search_key
from docs_portal.choices import PageStatus
from docs_portal.models import Page, PageSection, PageWord, Revision, SearchMiss
from docs_portal.policies import split_sections
from docs_portal.rendering import plain_text, words_behind_marks

#: A word that may be meant by another one typed: long enough that a slip is not another word.
_WORD = re.compile(r"(?<![^\W_])[a-z]{4,30}(?![^\W_])")


def sections_of(page: Page, revision: Revision) -> list[PageSection]:
    """What search reads of a page, unsaved: its title, then its sections in order."""
    codes = dict(
        ProductRole.objects.filter(product_id=page.manual.product_id).values_list("code", "pk")
    )
    found = [_section(page, revision, revision.title, "", "", None)]
    for part in split_sections(revision.body):
        roles = None if not part.role_codes else sorted(
            codes[code] for code in part.role_codes if code in codes
        )  # fmt: skip
        if part.position == 0 and not part.heading and roles is None:
            found[0] = _section(page, revision, revision.title, "", part.body, None)
        else:
            found.append(_section(page, revision, part.heading, part.anchor, part.body, roles))
    for position, section in enumerate(found):
        section.position = position
    return found


def _section(
    page: Page, revision: Revision, heading: str, anchor: str, body: str, roles: list[int] | None
) -> PageSection:
    return PageSection(
        page=page, revision=revision, position=0, heading=heading, anchor=anchor,
        plain=plain_text(body), role_ids=roles, heading_key=search_key(heading),
        key=search_key(heading, body, *words_behind_marks(body)),
    )  # fmt: skip


def index_page(page: Page, revision: Revision) -> None:
    """Let search read `revision` of a page; in the transaction that publishes it."""
    rows = sections_of(page, revision)
    PageSection.objects.filter(page=page).delete()
    PageSection.objects.bulk_create(rows)
    _keep_words(rows)


def unindex_page(page: Page) -> None:
    """Let search find a page no more; in the transaction that takes it from its readers."""
    PageSection.objects.filter(page=page).delete()


def _keep_words(rows: Iterable[PageSection]) -> None:
    # In order, so that two publishers wait for each other and never both for ever.
    named = sorted({word for row in rows for word in words_in(row.heading)})
    said = sorted({word for row in rows for word in words_in(row.plain)} - set(named))
    known = set(
        PageWord.objects.filter(word__in=named, in_heading=True).values_list("word", flat=True)
    )
    PageWord.objects.bulk_create(
        [PageWord(word=word, in_heading=True) for word in named if word not in known],
        update_conflicts=True, update_fields=["in_heading"], unique_fields=["word"],
    )  # fmt: skip
    PageWord.objects.bulk_create([PageWord(word=word) for word in said], ignore_conflicts=True)


def words_in(text: str) -> set[str]:
    """The Latin words of a text that a slip of the keys may have been meant for."""
    return set(_WORD.findall(normalised(text)))


def pages_to_index() -> QuerySet[Page]:
    """Published pages of which search reads another text than their readers, or none."""
    current = PageSection.objects.filter(
        page=OuterRef("pk"), revision_id=OuterRef("published_revision_id")
    )
    return Page.objects.filter(
        ~Exists(current), status=PageStatus.PUBLISHED, published_revision__isnull=False
    )


def index_pages(pages: QuerySet[Page]) -> int:
    """Write anew what search reads of these published pages; how many they were."""
    count = 0
    for pk in list(pages.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            locked = Page.objects.select_for_update(of=("self",), no_key=True)
            page = locked.select_related("manual", "published_revision").get(pk=pk)
            if page.status != PageStatus.PUBLISHED or page.published_revision is None:
                continue
            index_page(page, page.published_revision)
            Page.objects.filter(pk=pk).update(search_key=search_key(page.title))
            count += 1
    return count


def wrong_sections() -> Iterator[str]:
    """Pages of which search reads something else than what is published (for `verify`)."""
    columns = ("position", "heading", "anchor", "plain", "role_ids", "key", "heading_key")
    hidden = PageSection.objects.exclude(page__status=PageStatus.PUBLISHED)
    for pk in hidden.values_list("page_id", flat=True).distinct():
        yield f"page {pk} is not published, but search finds it"
    pages = Page.objects.filter(
        status=PageStatus.PUBLISHED, published_revision=F("published_revision")
    )
    for page in pages.select_related("manual", "published_revision").iterator(500):
        assert page.published_revision is not None  # noqa: S101  (the filter says so)
        stored = list(page.sections.order_by("position").values_list(*columns))
        wanted = [
            tuple(getattr(section, name) for name in columns)
            for section in sections_of(page, page.published_revision)
        ]
        if stored != wanted:
            yield f"page {page.pk}: search reads another text; `manage.py index_pages --all`"


def record_search_miss(
    query: str, *, product: Product | None, acting_user: User, now: dt.datetime
) -> SearchMiss | None:
    """Keep that the person found nothing; once per person, words and day. None for no words."""
    words = normalised(query)[:200]
    if not words:
        return None
    start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        # Two tabs searching at once are one need: the person's row is what they wait for.
        User.objects.select_for_update(no_key=True).get(pk=acting_user.pk)
        known = SearchMiss.objects.filter(
            words=words, user=acting_user, product=product, created_at__gte=start
        ).first()
        if known is not None:
            return known
        return SearchMiss.objects.create(
            query=" ".join(query.split())[:200], words=words, product=product, user=acting_user,
            created_at=now,
        )  # fmt: skip
