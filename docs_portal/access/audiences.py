"""Whom announcements and must-reads are for, asked from either side; doors to must-reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Department, User
from catalog.access import product_roles_of
from catalog.choices import ExceptionKind
from catalog.models import (
    PositionRole,
    Product,
    ProductRole,
    RoleException,
)
from docs_portal.access.reading import Reader, get_page_for_edit
from docs_portal.models import (
    Announcement,
    MustRead,
    MustReadReader,
    MustReadRound,
    Page,
    PageRead,
    Revision,
)
from docs_portal.querysets import MustReadRoundQuerySet, Recipient


def recipient_of(user: User, day: dt.date, held: frozenset[int] | None = None) -> Recipient:
    """What decides whether an announcement is for this person: their product roles, the products
    they use (where they hold a role, or which know no roles), their department and those above.
    """
    held = product_roles_of(user, day) if held is None else held
    used = ProductRole.objects.filter(pk__in=held).values_list("product_id", flat=True)
    without = Product.objects.filter(roles=None).values_list("pk", flat=True)
    path = user.department.path if user.department is not None else ""
    return Recipient(
        role_ids=held,
        product_ids=frozenset(used.union(without)),
        department_ids=frozenset(int(part) for part in path.split("/") if part),
    )


def audience_of(
    product_ids: Collection[int],
    role_ids: Collection[int],
    department_ids: Collection[int],
    day: dt.date,
) -> set[int]:
    """Ids of everybody an announcement with this audience is for on `day` (five queries at most).

    The same rule as `for_person`, asked from the other side.
    """
    people = User.objects.working_here()
    if department_ids:
        inside = Q(pk__in=[])
        paths = Department.objects.filter(pk__in=department_ids).values_list("path", flat=True)
        for path in paths:
            inside |= Q(path__startswith=path)
        people = people.filter(department__in=Department.objects.filter(inside))
    wanted = set(role_ids)
    if not wanted and product_ids:
        roles = ProductRole.objects.filter(product_id__in=product_ids)
        known = list(roles.values_list("pk", "product_id"))
        if {product for _role, product in known} == set(product_ids):
            wanted = {role for role, _product in known}
    if not wanted:
        return set(people.values_list("pk", flat=True))
    return _holding(people, wanted, day)


def _holding(people: QuerySet[User], role_ids: set[int], day: dt.date) -> set[int]:
    """Those of `people` who hold one of the product roles: by position, with dated exceptions."""
    by_position: dict[int, set[int]] = {}
    for position, role in PositionRole.objects.filter(role_id__in=role_ids).values_list(
        "position_id", "role_id"
    ):
        by_position.setdefault(position, set()).add(role)
    exceptions = RoleException.objects.filter(
        Q(last_day=None) | Q(last_day__gte=day), is_active=True, first_day__lte=day,
        role_id__in=role_ids,
    ).order_by("pk")  # fmt: skip
    changed: dict[int, list[tuple[int, str]]] = {}
    for user_id, role, kind in exceptions.values_list("user_id", "role_id", "kind"):
        changed.setdefault(user_id, []).append((role, kind))
    found = set()
    near = people.filter(Q(position_id__in=by_position) | Q(pk__in=changed))
    for pk, position in near.values_list("pk", "position_id"):
        held = set(by_position.get(position or 0, ()))
        for role, kind in changed.get(pk, ()):
            if kind == ExceptionKind.ALSO:
                held.add(role)
            else:
                held.discard(role)
        if held:
            found.add(pk)
    return found


def must_readers(must_read: MustRead, day: dt.date) -> set[int]:
    """Ids of everybody asked to read a must-read's page on `day`: users of the product who read
    the page, narrowed by the roles and departments named (the same rule as `for_person`, asked
    from the other side).
    """
    page = must_read.page
    narrowed = [
        set(page.roles.values_list("pk", flat=True)), set(page.part_role_ids),
        set(must_read.role_ids),
    ]  # fmt: skip
    product = [page.manual.product_id]
    found = audience_of(product, (), must_read.department_ids, day)
    for roles in narrowed:
        if roles:
            found &= audience_of(product, roles, (), day)
    return found


def my_must_reads(user: User, day: dt.date) -> MustReadRoundQuerySet:
    """What the person is asked to read now, the nearest last day first."""
    rounds = MustReadRound.objects.current().for_person(recipient_of(user, day))
    return rounds.select_related(
        "must_read__page__manual__product", "must_read__page__published_revision", "revision"
    ).order_by("due_on", "pk")


@dataclass(frozen=True)
class Asked:
    """What one person is asked about a page: the round, and how far it came with them."""

    round: MustReadRound
    reader: MustReadReader | None

    @property
    def acknowledged_at(self) -> dt.datetime | None:
        return self.reader.acknowledged_at if self.reader is not None else None


def asked_of(page: Page, reader: Reader) -> Asked | None:
    """What the reader is asked about a page they read; None when nothing is (one query then)."""
    rounds = MustReadRound.objects.current().filter(must_read__page=page)
    this = rounds.select_related("revision").first()
    if this is None:
        return None
    person = recipient_of(reader.user, reader.day, reader.held)
    if not rounds.for_person(person).exists():
        return None
    return Asked(this, this.readers.filter(user=reader.user).first())


def read_before(page: Page, user: User, number: str = "") -> Revision | None:
    """The newest older revision of the page that the person has opened, unless they opened the
    present one already; with `number` that one, if they ever opened it (one query).
    """
    reads = PageRead.objects.filter(page=page, user=user).select_related("revision")
    if number:
        wanted = int(number) if number.isdecimal() and len(number) < 10 else 0
        reads = reads.filter(revision__number=wanted)
    newest = reads.order_by("-revision__number").first()
    if newest is None or newest.revision_id == page.published_revision_id:
        return None
    return newest.revision


def get_must_read_for_edit(user: User, page_pk: int) -> MustRead:
    """The must-read that stands on a page this person writes. Raises Http404, PermissionDenied."""
    page = get_page_for_edit(user, page_pk)
    row: MustRead = get_object_or_404(page.must_reads, is_active=True)
    row.page = page
    return row


def get_page_to_acknowledge(user: User, pk: int, day: dt.date) -> Page:
    """A published page the person reads in their own role. Raises Http404."""
    page: Page = get_object_or_404(
        Page.objects.readable_by(user, day).select_related("manual__product"), pk=pk
    )
    return page


def audience_now(announcement: Announcement, day: dt.date) -> set[int]:
    """Ids of everybody an announcement is for on `day`."""
    return audience_of(
        announcement.product_ids, announcement.role_ids, announcement.department_ids, day
    )
