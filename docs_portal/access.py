"""The only doors to manuals and pages: not visible is 404, not allowed is 403."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import Department, User
from catalog.access import product_roles_of, rights_of, roles_in_product
from catalog.choices import ExceptionKind, PermissionRole
from catalog.models import (
    Grant,
    PositionRole,
    Product,
    ProductRole,
    RoleException,
    TeamMember,
)
from core.registry import Suggestion
from docs_portal.choices import CourseStatus, PageStatus, ReviewState
from docs_portal.models import (
    Announcement,
    AnnouncementFile,
    AnnouncementReader,
    Course,
    CourseAssignment,
    CourseSession,
    CourseVideo,
    MustRead,
    MustReadRound,
    OldAddress,
    Page,
    PageFile,
    PageSection,
    PosterPlace,
    Review,
    Revision,
)
from docs_portal.policies import body_for, may_announce, may_write
from docs_portal.policies.links import file_link, links_in
from docs_portal.policies.training import may_train
from docs_portal.querysets import MustReadRoundQuerySet, PageQuerySet, Recipient

#: Pages offered to an agent who looks for the one that answers.
OFFERED = 8


def products_with_manuals(user: User, day: dt.date) -> QuerySet[Product]:
    """Active products with at least one page this person may see."""
    pages = Page.objects.visible_to(user, day).filter(manual__product_id=OuterRef("pk"))
    return Product.objects.filter(is_active=True).filter(Exists(pages))


def writable_products(user: User) -> QuerySet[Product]:
    """Active products whose manual this person writes."""
    held = rights_of(user).products_as(PermissionRole.AGENT)
    products = Product.objects.filter(is_active=True, is_other=False)
    return products if held is None else products.filter(pk__in=held)


def get_product_for_view(code: str) -> Product:
    """The product of a manual's address; products are no secret. Raises Http404."""
    product: Product = get_object_or_404(Product, code=code, is_active=True)
    return product


def get_page_for_edit(user: User, pk: int) -> Page:
    """A page this person writes. Raises Http404 or PermissionDenied."""
    pages = Page.objects.select_related("manual__product", "module", "published_revision")
    page: Page = get_object_or_404(pages, pk=pk)
    if not may_write(user, page.manual.product_id):
        raise PermissionDenied
    return page


def pages_at(user: User, product: Product, slug: str, day: dt.date) -> list[Page]:
    """The pages that answer an address for this person: their own first, then (writers only)
    those of other roles and drafts.
    """
    mine = product_roles_of(user, day)
    pages = (
        Page.objects.visible_to(user, day)
        .filter(manual__product=product, slug=slug)
        .select_related("manual__product", "module", "published_revision__author")
        .prefetch_related("roles")
    )

    def nearness(page: Page) -> tuple[bool, int, int, int]:
        """Published first; a page for one's own role before one for all before other roles'."""
        roles = {role.pk for role in page.roles.all()}
        fit = 1 if not roles else 0 if roles & mine else 2
        return (page.status != PageStatus.PUBLISHED, fit, page.position, page.pk)

    return sorted(pages, key=nearness)


def page_of_others(product: Product, slug: str) -> Page | None:
    """The published page at an address, whoever it is for; its title is withheld."""
    pages = Page.objects.published().filter(manual__product=product, slug=slug)
    return pages.order_by("position", "pk").first()


def may_read(page: Page, person: User, day: dt.date) -> bool:
    """Whether a person reads this page in their own product role (agents may link only such)."""
    return Page.objects.readable_by(person, day).filter(pk=page.pk).exists()


def pages_for_requester(
    requester: User, query: str, product: Product, day: dt.date, limit: int = OFFERED
) -> list[Page]:
    """Pages of a product that the *requester* can read, nearest to `query` first.

    Whole words of the query that all occur come first, then the rest of the manual in its order.
    """
    pages = Page.objects.readable_by(requester, day).filter(manual__product=product)
    sections = PageSection.objects.readable_by(requester, day)
    hits = list(pages.matching(query, sections).values_list("pk", flat=True)[:limit])
    if not hits:
        return list(pages.order_by("position", "pk")[:limit])
    first = Case(
        *(When(pk=pk, then=Value(place)) for place, pk in enumerate(hits)),
        default=Value(len(hits)),
        output_field=IntegerField(),
    )
    return list(pages.order_by(first, "position", "pk")[:limit])


def tree_of(user: User, product: Product, day: dt.date) -> PageQuerySet:
    """The pages of a manual's tree as this person sees it."""
    return (
        Page.objects.visible_to(user, day)
        .filter(manual__product=product)
        .exclude(status=PageStatus.RETIRED)
        .prefetch_related("roles")
        .order_by("position", "pk")
    )


def latest_revision(page: Page) -> Revision:
    """The newest text of a page, published or not."""
    revision: Revision = page.revisions.select_related("author").order_by("-number")[0]
    return revision


def suggestion_of(page: Page) -> Suggestion:
    """A page as a line of a search or a suggestion."""
    product = page.manual.product
    return Suggestion(
        kind="page",
        title=page.title,
        url=reverse("page", args=[product.code, page.slug]),
        detail=product.name,
        ref=str(page.pk),
    )


def recipient_of(user: User, day: dt.date) -> Recipient:
    """What decides whether an announcement is for this person: their product roles, the products
    they use (where they hold a role, or which know no roles), their department and those above.
    """
    held = product_roles_of(user, day)
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
    rounds = MustReadRound.objects.current().for_person(user, recipient_of(user, day), day)
    return rounds.select_related(
        "must_read__page__manual__product", "must_read__page__published_revision", "revision"
    ).order_by("due_on", "pk")


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


def live_for(
    user: User, now: dt.datetime, day: dt.date, product_id: int | None = None
) -> list[Announcement]:
    """Live announcements for a person that they have not put away: acknowledged, or dismissed
    where none is asked for; newest first. With `product_id` only those about that product, or
    meant for its users.
    """
    rows = AnnouncementReader.objects.filter(user=user, announcement=OuterRef("pk"))
    over = Q(acknowledged_at__isnull=False) | Q(
        dismissed_at__isnull=False, announcement__asks_acknowledgement=False
    )
    live = Announcement.objects.live(now).for_person(recipient_of(user, day))
    live = live.filter(~Exists(rows.filter(over))).select_related("product")
    if product_id is not None:
        live = live.filter(Q(product_id=product_id) | Q(product_ids__contains=[product_id]))
    return list(live.order_by("-published_at", "-pk")[:5])


def announcements_for(user: User, day: dt.date) -> QuerySet[Announcement]:
    """Everything published for the person, newest first."""
    found = Announcement.objects.published().for_person(recipient_of(user, day))
    return found.select_related("product").order_by("-published_at", "-pk")


def get_announcement_for_view(user: User, pk: int, day: dt.date) -> Announcement:
    """A published announcement meant for the person, or one they write. Raises Http404."""
    seen = Announcement.objects.visible_to(user, recipient_of(user, day))
    announcement: Announcement = get_object_or_404(seen.select_related("product", "author"), pk=pk)
    return announcement


def get_announcement_for_edit(user: User, pk: int, day: dt.date) -> Announcement:
    """An announcement this person writes. Raises Http404 or PermissionDenied."""
    announcement = get_announcement_for_view(user, pk, day)
    if not may_announce(user, announcement.product_id):
        raise PermissionDenied
    return announcement


def get_announcement_file(user: User, pk: int, day: dt.date) -> AnnouncementFile:
    """A file of an announcement the person may see. Raises Http404."""
    found = AnnouncementFile.objects.select_related("file", "announcement")
    file: AnnouncementFile = get_object_or_404(found, pk=pk)
    get_announcement_for_view(user, file.announcement_id, day)
    return file


def get_poster_place(code: str) -> PosterPlace:
    """The place behind a poster's code, while its announcement is out. Raises Http404."""
    places = PosterPlace.objects.select_related("announcement__product")
    place: PosterPlace = get_object_or_404(places, code=code, announcement__status="published")
    return place


def require_announcer(user: User) -> None:
    """Announcements are written by agents. Raises PermissionDenied."""
    if not rights_of(user).is_agent:
        raise PermissionDenied


def reading_of(user: User, pks: Collection[int]) -> dict[int, AnnouncementReader]:
    """How far these announcements came with the person (one query)."""
    rows = AnnouncementReader.objects.filter(user=user, announcement_id__in=list(pks))
    return {row.announcement_id: row for row in rows}


def unread_for(user: User, now: dt.datetime, day: dt.date, product_id: int) -> Announcement | None:
    """The newest live announcement of a product that the person has neither read nor put away."""
    seen = AnnouncementReader.objects.filter(user=user, announcement=OuterRef("pk")).filter(
        Q(read_at__isnull=False) | Q(dismissed_at__isnull=False)
    )
    live = Announcement.objects.live(now).for_person(recipient_of(user, day))
    live = live.filter(Q(product_id=product_id) | Q(product_ids__contains=[product_id]))
    return live.filter(~Exists(seen)).order_by("-published_at", "-pk").first()


def writers_of(product_id: int) -> QuerySet[User]:
    """Who works here and writes the manual of a product (the same rule as `may_write`)."""
    grants = Grant.objects.filter(
        Q(product_id=None) | Q(product_id=product_id),
        role=PermissionRole.AGENT, is_active=True, user=OuterRef("pk"),
    )  # fmt: skip
    members = TeamMember.objects.filter(
        team__is_active=True, team__is_product_operations=True, team__products=product_id,
        user=OuterRef("pk"),
    )  # fmt: skip
    return User.objects.working_here().filter(Q(Exists(grants)) | Q(Exists(members)))


def reviewers_of(page: Page) -> QuerySet[User]:
    """Who may be asked to review a page: its writers, and the owner of its module."""
    writers = writers_of(page.manual.product_id).values("pk")
    owner = page.module.owner_id if page.module is not None else None
    people = User.objects.working_here().filter(Q(pk__in=writers) | Q(pk=owner))
    return people.order_by("name", "pk")


def may_review(user: User, page: Page) -> bool:
    """Whether the person may answer a review of this page that was asked of them."""
    owner = page.module.owner_id if page.module is not None else None
    return may_write(user, page.manual.product_id) or owner == user.pk


def get_review_for_view(user: User, pk: int) -> Review:
    """A review the person was asked for, or of a page they write. Raises Http404."""
    reviews = Review.objects.select_related(
        "page__manual__product", "page__module", "page__published_revision", "revision__author",
        "reviewer", "asked_by",
    )  # fmt: skip
    review: Review = get_object_or_404(reviews, pk=pk)
    writes = may_write(user, review.page.manual.product_id)
    if not writes and review.reviewer_id != user.pk:
        raise Http404
    return review


def reviews_for(user: User) -> QuerySet[Review]:
    """Reviews the person was asked for, and those of the manuals they write; newest first."""
    held = rights_of(user).products_as(PermissionRole.AGENT)
    mine = Q(reviewer=user) | Q(asked_by=user)
    seen = Q() if held is None else mine | Q(page__manual__product_id__in=held)
    return Review.objects.filter(seen).select_related(
        "page__manual__product", "revision", "reviewer", "asked_by"
    )


def get_page_file(user: User, pk: int, day: dt.date) -> PageFile:
    """A file that a text the person reads shows, or of a page they write or review.

    A part of a page for other roles takes its pictures with it. Raises Http404.
    """
    file: PageFile = get_object_or_404(
        PageFile.objects.select_related("file", "page__manual", "page__published_revision"), pk=pk
    )
    page = file.page
    if may_write(user, page.manual.product_id):
        return file
    if page.reviews.filter(reviewer=user, state=ReviewState.WAITING).exists():
        return file
    key = file_link(file.pk)
    readable = Page.objects.readable_by(user, day).filter(manual_id=page.manual_id)
    texts = readable.filter(published_revision__body__contains=key)
    codes = {role.code for role in roles_in_product(user, page.manual.product_id, day)}
    for body in texts.values_list("published_revision__body", flat=True):
        if any(link.target == key for link in links_in(body_for(body, codes))):
            return file
    raise Http404


def moved_to(user: User, product: Product, slug: str, day: dt.date) -> str:
    """Where an address that was renamed leads now, if the person has a page there; "" if not."""
    old = OldAddress.objects.filter(manual__product=product, slug=slug).select_related("page")
    found = old.first()
    if found is None or not pages_at(user, product, found.page.slug, day):
        return ""
    return found.page.slug


def material_numbers(pks: Collection[int]) -> dict[int, int]:
    """For each published page the number of the revision whose meaning stands (one query)."""
    pages = Page.objects.published().filter(pk__in=list(pks))
    return {
        pk: max(number or 0, 0)
        for pk, number in pages.values_list("pk", "material_revision__number")
    }


def assigned_people(assignment: CourseAssignment, day: dt.date) -> set[int]:
    """Ids of everybody an assignment asks on `day`: of its roles and departments, and by name."""
    found: set[int] = set()
    if assignment.role_ids or assignment.department_ids:
        found = audience_of((), assignment.role_ids, assignment.department_ids, day)
    if assignment.user_ids:
        named = User.objects.working_here().filter(pk__in=assignment.user_ids)
        found |= set(named.values_list("pk", flat=True))
    return found


def get_course_for_view(user: User, pk: int, day: dt.date) -> Course:
    """A course that is open to the person, was asked of them, or is theirs to write. Raises
    Http404."""
    seen = Course.objects.visible_to(user, recipient_of(user, day))
    course: Course = get_object_or_404(seen.select_related("product", "author"), pk=pk)
    return course


def get_course_for_edit(user: User, pk: int, day: dt.date) -> Course:
    """A course this person writes. Raises Http404 or PermissionDenied."""
    course = get_course_for_view(user, pk, day)
    if not may_train(user, course.product_id):
        raise PermissionDenied
    return course


def people_of_course(user: User, course: Course) -> QuerySet[User]:
    """Whose way through a course this person sees: of everybody, who writes it; of their
    departments, its managers. Raises PermissionDenied for others."""
    if may_train(user, course.product_id):
        return User.objects.all()
    scopes = rights_of(user).scopes.get(PermissionRole.MANAGER, ())
    paths = [one.department_path for one in scopes if one.product_id in (None, course.product_id)]
    if not paths:
        raise PermissionDenied
    if "" in paths:
        return User.objects.all()
    inside = Q(pk__in=[])
    for path in paths:
        inside |= Q(path__startswith=path)
    return User.objects.filter(department__in=Department.objects.filter(inside))


def get_course_for_people(user: User, pk: int) -> Course:
    """A course that is out, or written by the person, for who may see people on it.

    Raises Http404 or PermissionDenied (people_of_course)."""
    courses = Course.objects.select_related("product", "author")
    course: Course = get_object_or_404(courses, pk=pk)
    if course.status == CourseStatus.DRAFT and not may_train(user, course.product_id):
        raise Http404
    return course


def get_course_video(user: User, pk: int, day: dt.date) -> CourseVideo:
    """A video of a course the person may see. Raises Http404."""
    videos = CourseVideo.objects.select_related("file", "course__product")
    video: CourseVideo = get_object_or_404(videos, pk=pk)
    get_course_for_view(user, video.course_id, day)
    return video


def get_session_for_view(user: User, pk: int, day: dt.date) -> CourseSession:
    """A session of a course the person may see. Raises Http404."""
    sessions = CourseSession.objects.select_related("course__product", "trainer")
    session: CourseSession = get_object_or_404(sessions, pk=pk)
    get_course_for_view(user, session.course_id, day)
    return session


def get_session_for_edit(user: User, pk: int, day: dt.date) -> CourseSession:
    """A session this person holds or writes the course of. Raises Http404 or PermissionDenied."""
    sessions = CourseSession.objects.select_related("course__product", "trainer")
    session: CourseSession = get_object_or_404(sessions, pk=pk)
    if session.trainer_id == user.pk and session.course.status != CourseStatus.DRAFT:
        return session
    get_course_for_edit(user, session.course_id, day)
    return session
