"""Domain words of manual pages as chainable querysets; the one visibility rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from catalog.access import product_roles_of, rights_of
from catalog.choices import PermissionRole
from core.searchkey import terms
from docs_portal.choices import AnnouncementStatus, CourseStatus, PageStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docs_portal.models import (  # noqa: F401
        Announcement,
        Course,
        Enrolment,
        MustReadRound,
        Page,
        PageSection,
    )


@dataclass(frozen=True)
class Recipient:
    """What decides whether an announcement is for a person (access.recipient_of)."""

    role_ids: frozenset[int]
    product_ids: frozenset[int]
    department_ids: frozenset[int]


class PageQuerySet(models.QuerySet["Page"]):
    def visible_to(self, user: User, day: dt.date) -> PageQuerySet:
        """Published pages for all or for a product role the person holds on `day`; agents see
        every page of their products, drafts and retired ones too.
        """
        return self.seen_with(user, product_roles_of(user, day))

    def seen_with(self, user: User, role_ids: Iterable[int]) -> PageQuerySet:
        """The same for who has read the person's product roles already."""
        mine = self._role_filter(role_ids) & Q(status=PageStatus.PUBLISHED)
        written: set[int] = set()
        for scope in rights_of(user).scopes.get(PermissionRole.AGENT, ()):
            if scope.product_id is None:
                return self.all()
            written.add(scope.product_id)
        if written:
            return self.filter(mine | Q(manual__product_id__in=written))
        return self.filter(mine)

    def readable_by(self, user: User, day: dt.date) -> PageQuerySet:
        """What the person reads as one of its readers, whatever else their permissions show."""
        return self.published().for_roles(product_roles_of(user, day))

    def published(self) -> PageQuerySet:
        return self.filter(status=PageStatus.PUBLISHED)

    def for_roles(self, role_ids: Iterable[int]) -> PageQuerySet:
        """Pages for all, and those of one of these product roles."""
        return self.filter(self._role_filter(role_ids))

    def _role_filter(self, role_ids: Iterable[int]) -> Q:
        held = sorted(role_ids)
        through = self.model.roles.through.objects.filter(page_id=OuterRef("pk"))
        of_page = Q(~Exists(through)) | Q(Exists(through.filter(productrole_id__in=held)))
        # A page that holds parts for other roles and nothing else is none for these.
        return of_page & (Q(part_role_ids=[]) | Q(part_role_ids__overlap=held))

    def matching(self, query: str, sections: SectionQuerySet) -> PageQuerySet:
        """Published pages of which `sections` hold every word of `query`; nothing for an empty one.

        `sections` are those the reader may see: `PageSection.objects.visible_to(user, day)`.
        """
        words = terms(query)
        if not words:
            return self.none()
        found = self
        for term in words:
            holding = sections.filter(key__contains=term.needle)
            found = found.filter(pk__in=holding.values("page_id"))
        return found


class SectionQuerySet(models.QuerySet["PageSection"]):
    """Parts of published pages, as search reads them."""

    def visible_to(self, user: User, day: dt.date) -> SectionQuerySet:
        """Of the pages the person may see, the parts for all or for a role they hold on `day`;
        agents see every part of the pages of their products.
        """
        pages = self._pages().published().visible_to(user, day)
        return self.parts_for(user, day).filter(page__in=pages)

    def parts_for(self, user: User, day: dt.date) -> SectionQuerySet:
        """The second half of `visible_to`, for pages that are known to be visible."""
        mine = Q(role_ids=None) | Q(role_ids__overlap=sorted(product_roles_of(user, day)))
        written = rights_of(user).products_as(PermissionRole.AGENT)
        if written is None:
            return self.all()
        if written:
            mine |= Q(page__manual__product_id__in=sorted(written))
        return self.filter(mine)

    def readable_by(self, user: User, day: dt.date) -> SectionQuerySet:
        """What the person reads as one of the readers, whatever else their permissions show."""
        held = sorted(product_roles_of(user, day))
        found = self.filter(page__in=self._pages().readable_by(user, day))
        return found.filter(Q(role_ids=None) | Q(role_ids__overlap=held))

    def _pages(self) -> PageQuerySet:
        model: Any = self.model
        page: Any = model._meta.get_field("page")
        pages: PageQuerySet = page.related_model.objects.all()
        return pages


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def published(self) -> AnnouncementQuerySet:
        return self.filter(status=AnnouncementStatus.PUBLISHED)

    def live(self, now: dt.datetime) -> AnnouncementQuerySet:
        """Out, and their banners not over."""
        return self.published().filter(Q(ends_at=None) | Q(ends_at__gt=now))

    def for_person(self, person: Recipient) -> AnnouncementQuerySet:
        """Those whose audience the person belongs to (the same rule as `audience_of`)."""
        by_role = Q(role_ids__overlap=sorted(person.role_ids))
        by_product = Q(role_ids=[]) & (
            Q(product_ids=[]) | Q(product_ids__overlap=sorted(person.product_ids))
        )
        by_department = Q(department_ids=[]) | Q(
            department_ids__overlap=sorted(person.department_ids)
        )
        return self.filter(by_department, by_role | by_product)

    def written_by(self, user: User) -> AnnouncementQuerySet:
        """Those the person writes: of their products; about no product, who is agent of all."""
        held = rights_of(user).products_as(PermissionRole.AGENT)
        return self.all() if held is None else self.filter(product_id__in=held)

    def visible_to(self, user: User, person: Recipient) -> AnnouncementQuerySet:
        """Published ones meant for the person, and whatever they write."""
        mine = self.published().for_person(person).values("pk")
        return self.filter(Q(pk__in=mine) | Q(pk__in=self.written_by(user).values("pk")))


class MustReadRoundQuerySet(models.QuerySet["MustReadRound"]):
    def current(self) -> MustReadRoundQuerySet:
        """The newest of each must-read that stands, of pages that are published."""
        newer = self.model._default_manager.filter(
            must_read_id=OuterRef("must_read_id"), pk__gt=OuterRef("pk")
        )
        return self.filter(
            ~Exists(newer), must_read__is_active=True,
            must_read__page__status=PageStatus.PUBLISHED,
        )  # fmt: skip

    def for_person(self, person: Recipient) -> MustReadRoundQuerySet:
        """Those whose audience the person belongs to (the same rule as `access.must_readers`)."""
        must_read: Any = self.model._meta.get_field("must_read")
        page: Any = must_read.related_model._meta.get_field("page")
        pages: PageQuerySet = page.related_model.objects.all()
        by_role = Q(must_read__role_ids=[]) | Q(
            must_read__role_ids__overlap=sorted(person.role_ids)
        )
        by_department = Q(must_read__department_ids=[]) | Q(
            must_read__department_ids__overlap=sorted(person.department_ids)
        )
        return self.filter(
            by_role, by_department,
            must_read__page__in=pages.published().for_roles(person.role_ids),
            must_read__page__manual__product_id__in=sorted(person.product_ids),
        )  # fmt: skip

    def not_answered_by(self, user: User) -> MustReadRoundQuerySet:
        """Those the person has not acknowledged."""
        readers: Any = self.model._meta.get_field("readers")
        mine = readers.related_model.objects.filter(
            round_id=OuterRef("pk"), user=user, acknowledged_at__isnull=False
        )
        return self.filter(~Exists(mine))


class CourseQuerySet(models.QuerySet["Course"]):
    def published(self) -> CourseQuerySet:
        return self.filter(status=CourseStatus.PUBLISHED)

    def open_to(self, person: Recipient) -> CourseQuerySet:
        """Published ones the person may join by themselves."""
        by_role = Q(role_ids=[]) | Q(role_ids__overlap=sorted(person.role_ids))
        by_department = Q(department_ids=[]) | Q(
            department_ids__overlap=sorted(person.department_ids)
        )
        return self.published().filter(by_role, by_department, is_open=True)

    def taken_by(self, user: User) -> CourseQuerySet:
        """Those that were ever asked of the person or joined by them, drafts excepted."""
        mine: Any = self.model._meta.get_field("enrolments")
        rows = mine.related_model.objects.filter(user=user)
        return self.exclude(status=CourseStatus.DRAFT).filter(pk__in=rows.values("course_id"))

    def written_by(self, user: User) -> CourseQuerySet:
        """Those the person writes: of their products; about no product, who is agent of all."""
        held = rights_of(user).products_as(PermissionRole.AGENT)
        return self.all() if held is None else self.filter(product_id__in=held)

    def visible_to(self, user: User, person: Recipient) -> CourseQuerySet:
        """Open to the person, taken by them, or written by them."""
        return self.filter(
            Q(pk__in=self.model.objects.open_to(person).values("pk"))
            | Q(pk__in=self.model.objects.taken_by(user).values("pk"))
            | Q(pk__in=self.model.objects.written_by(user).values("pk"))
        )


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def standing(self) -> EnrolmentQuerySet:
        """Nobody took them back and nobody is excused."""
        return self.filter(ended_at=None, excused_at=None)

    def done(self) -> EnrolmentQuerySet:
        """Completed in the content version the course has now."""
        return self.filter(completed_version__gte=models.F("course__content_version"))

    def waiting(self) -> EnrolmentQuerySet:
        """Standing, of a published course, and not completed in its present content version."""
        behind = Q(completed_version=None) | Q(
            completed_version__lt=models.F("course__content_version")
        )
        return self.standing().filter(behind, course__status=CourseStatus.PUBLISHED)

    def overdue(self, day: dt.date) -> EnrolmentQuerySet:
        return self.waiting().filter(due_on__lt=day)
