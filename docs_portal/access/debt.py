"""The queue of manual debt as one writer sees it, and the doors to its items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import PermissionDenied
from django.db.models import Max, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from catalog.models import Module, Product
from docs_portal.choices import PageStatus
from docs_portal.models import DebtItem, Page, PageVoice, Revision
from docs_portal.policies import may_write
from docs_portal.policies.debt import (
    LOOK_BACK,
    MOST_OF_A_SOURCE,
    Debt,
    Place,
    Signal,
    debt_sources,
    join,
    source_named,
)


@dataclass
class Owed:
    """One item of the queue: what is owed, what it is about, and who has taken it."""

    debt: Debt
    item: DebtItem | None = None
    page: Page | None = None
    module: Module | None = None
    product: Product | None = None

    @property
    def is_taken(self) -> bool:
        return self.item is not None and self.item.taken_by_id is not None and not _over(self.item)


def written_products(user: User) -> frozenset[int] | None:
    """The products whose manuals the person writes; None is all. Raises PermissionDenied."""
    rights = rights_of(user)
    if not rights.is_agent:
        raise PermissionDenied
    return rights.products_as(PermissionRole.AGENT)


def debt_for(user: User, now: dt.datetime, product_id: int | None = None) -> list[Owed]:
    """What the manuals owe, worst first: one or two queries a source, four for the whole queue."""
    held = written_products(user)
    products = held if product_id is None else _only(held, product_id)
    return _owed(_signals(user, products, now), now)


def debt_of_house(until: dt.datetime) -> list[Owed]:
    """What all manuals owed at that moment, worst first, for reports: as far as it still stands
    to be read, without what is confidential."""
    return _owed([each for each in _signals(None, None, until) if each.at < until], until)


def _signals(user: User | None, products: frozenset[int] | None, now: dt.datetime) -> list[Signal]:
    found: list[Signal] = []
    for source in debt_sources():
        of_source = source.signals(user, products, now - LOOK_BACK)
        found.extend(islice(of_source, MOST_OF_A_SOURCE))
    return found


def _owed(signals: list[Signal], now: dt.datetime) -> list[Owed]:
    """Without what was settled by then."""
    items = {row.key: row for row in _items()}
    settled = {
        key: at for key, row in items.items() if (at := _settled_at(row)) is not None and at <= now
    }
    settled |= _republished(signals, settled, now)
    return _told(join(signals, settled, source_named), items)


def _only(held: frozenset[int] | None, product_id: int) -> frozenset[int]:
    wanted = frozenset({product_id})
    return wanted if held is None else wanted & held


def _items() -> QuerySet[DebtItem]:
    return DebtItem.objects.select_related("taken_by", "draft__published_revision")


def _published_at(item: DebtItem) -> dt.datetime | None:
    """When what was taken was published, if that was after it was taken."""
    revision = item.draft.published_revision if item.draft is not None else None
    at = revision.published_at if revision is not None else None
    return at if at is not None and item.taken_at is not None and at > item.taken_at else None


def _settled_at(item: DebtItem) -> dt.datetime | None:
    return item.settled_at or _published_at(item)


def _over(item: DebtItem) -> bool:
    return _settled_at(item) is not None


def _republished(
    signals: Iterable[Signal], settled: dict[str, dt.datetime], now: dt.datetime
) -> dict[str, dt.datetime]:
    """A page whose meaning changed has answered what was said of it before."""
    pages = {signal.place.page_id: signal.place.key for signal in signals if signal.place.page_id}
    published = Revision.objects.filter(page_id__in=pages, is_material=True, published_at__lte=now)
    newest = published.order_by().values("page_id").annotate(at=Max("published_at"))
    found = {pages[row["page_id"]]: row["at"] for row in newest}
    return {key: max(at, settled.get(key, at)) for key, at in found.items()}


def _told(debts: list[Debt], items: dict[str, DebtItem]) -> list[Owed]:
    page_ids = {debt.place.page_id or debt.place.role_of for debt in debts} - {None}
    pages = Page.objects.select_related("manual__product").in_bulk(page_ids)
    modules = Module.objects.in_bulk({debt.place.module_id for debt in debts} - {None})
    products = Product.objects.in_bulk({debt.place.product_id for debt in debts} - {None})
    return [
        Owed(
            debt,
            items.get(debt.place.key),
            pages.get(debt.place.page_id or debt.place.role_of or 0),
            modules.get(debt.place.module_id or 0),
            products.get(debt.place.product_id or 0),
        )
        for debt in debts
    ]


def get_debt(user: User, token: str, now: dt.datetime) -> Owed:
    """The item of an address, while something speaks for it. Raises Http404, PermissionDenied."""
    for owed in debt_for(user, now):
        if owed.debt.place.token == token:
            return owed
    raise Http404


def taken_by(user: User) -> list[DebtItem]:
    """What the person has taken and not published, the oldest first."""
    mine = _items().filter(taken_by=user, settled_at=None).select_related("product")
    return [item for item in mine.order_by("taken_at", "pk") if not _over(item)]


def get_own_item(user: User, pk: int) -> DebtItem:
    """An item this person has taken. Raises Http404."""
    item: DebtItem = get_object_or_404(_items(), pk=pk, taken_by=user)
    return item


def drafted_tickets(ticket_ids: Iterable[int]) -> set[int]:
    """Those tickets from whose answer a page was drafted, or that were decided about."""
    keys = {Place(None, ticket_id=pk).key: pk for pk in ticket_ids}
    rows = DebtItem.objects.filter(key__in=keys).filter(
        Q(draft__isnull=False) | Q(settled_at__isnull=False)
    )
    return {keys[key] for key in rows.values_list("key", flat=True)}


def get_page_to_judge(user: User, pk: int, day: dt.date) -> Page:
    """A published page the person may read, or writes. Raises Http404."""
    pages = Page.objects.visible_to(user, day).select_related(
        "manual__product", "published_revision"
    )
    page: Page = get_object_or_404(pages, pk=pk, status=PageStatus.PUBLISHED)
    return page


def get_voice_for_edit(user: User, pk: int) -> PageVoice:
    """A word on a page this person writes. Raises Http404 or PermissionDenied."""
    voices = PageVoice.objects.select_related("page__manual", "person")
    voice: PageVoice = get_object_or_404(voices, pk=pk)
    if not may_write(user, voice.page.manual.product_id):
        raise PermissionDenied
    return voice


def voices_of(page: Page) -> list[PageVoice]:
    """What was said of a page, the newest first, for its writers."""
    voices = page.voices.select_related("person__department", "revision", "heard_by")
    return list(voices.order_by("-said_at", "-pk")[:100])
