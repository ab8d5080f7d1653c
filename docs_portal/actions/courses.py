"""Courses: written, published, retired; what they teach, and when that changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from catalog.models import Product, ProductRole
from core import events, files, media, outbox
from core.changes import actor_id, check_fields
from core.errors import BadInput, NotAllowed, Problem
from core.uploads import ending_of, kept_name, wrong_with
from docs_portal.access import material_numbers
from docs_portal.choices import WITH_SESSIONS, CourseForm, PageStatus
from docs_portal.choices import CourseStatus as Status
from docs_portal.errors import NothingToLearn, WrongStatus
from docs_portal.models import Course, CoursePage, CourseVideo, Page
from docs_portal.policies.training import may_train

ABOUT_MAX = 20_000
PAGES_MAX, VIDEOS_MAX, MINUTES_MAX = 100, 20, 600
#: Ending → the content type a course's video is served with.
VIDEOS = {"mp4": "video/mp4", "webm": "video/webm"}
#: What a writer sets.
FIELDS = ("title", "about", "minutes", "is_open", "role_ids", "department_ids")


@dataclass(frozen=True)
class CourseDraft:
    """What a writer says. The form stays as it was made; so does the product."""

    title: str
    form: str = CourseForm.DOCUMENT
    about: str = ""
    product: Product | None = None
    minutes: int = 10
    is_open: bool = True
    roles: Sequence[ProductRole] = ()
    departments: Sequence[Department] = ()

    def columns(self) -> dict[str, Any]:
        """The fields of the row by column."""
        return {
            "title": self.title.strip(), "about": self.about.strip(), "minutes": self.minutes,
            "is_open": self.is_open, "role_ids": sorted(role.pk for role in self.roles),
            "department_ids": sorted(department.pk for department in self.departments),
        }  # fmt: skip


def create_course(draft: CourseDraft, *, acting_user: User, now: dt.datetime) -> Course:
    """A draft nobody sees yet. Raises BadInput, NotAllowed."""
    require_training(acting_user, draft.product.pk if draft.product else None)
    if draft.form not in CourseForm.values:
        raise BadInput(
            Problem("form", _("There is no such form."),
                    ", ".join(str(label) for label in CourseForm.labels), draft.form)
        )  # fmt: skip
    row = Course(
        **draft.columns(), product=draft.product, form=draft.form, author=acting_user,
        created_at=now,
    )  # fmt: skip
    _check(row)
    events.create(row, "create", actor_id=acting_user.pk, now=now)
    return row


def edit_course(
    course: Course,
    draft: CourseDraft,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Course:
    """Change its words and whom it is open to. Raises BadInput, NotAllowed, StaleWrite."""
    require_training(acting_user, course.product_id)
    columns = draft.columns()
    with transaction.atomic():
        row = events.lock(Course, course.pk)
        events.check_unchanged(row, seen_version, columns)
        changed = {name: value for name, value in columns.items() if getattr(row, name) != value}
        if changed:
            wanted = Course(**{f.attname: getattr(row, f.attname) for f in row._meta.fields})
            for name, value in changed.items():
                setattr(wanted, name, value)
            _check(wanted)
            events.change(row, "edit", actor_id=acting_user.pk, now=now, fields=changed)
    return row


def set_course_pages(
    course: Course, pages: Sequence[Page], *, acting_user: User, now: dt.datetime
) -> Course:
    """The pages it asks to be read, in this order. Raises BadInput, NotAllowed, WrongStatus."""
    require_training(acting_user, course.product_id)
    with transaction.atomic():
        row = events.lock(Course, course.pk)
        require_form(row, CourseForm.DOCUMENT)
        _check_pages(row, pages)
        before = list(row.pages.order_by("position", "pk").values_list("page_id", flat=True))
        wanted = list(dict.fromkeys(page.pk for page in pages))
        if before == wanted:
            return row
        row.pages.exclude(page_id__in=wanted).delete()
        known = {one.page_id: one for one in row.pages.all()}
        material = material_numbers(wanted)
        for place, pk in enumerate(wanted):
            one = known.get(pk) or CoursePage(course=row, page_id=pk, material=material.get(pk, 0))
            one.position = place
            one.save()
        events.change(row, "set_pages", actor_id=acting_user.pk, now=now, data={"pages": wanted})
    return row


def add_course_videos(
    course: Course, uploads: Sequence[UploadedFile], *, acting_user: User, now: dt.datetime
) -> list[CourseVideo]:
    """Keep videos with it; their length is read from the file. Raises BadInput naming each."""
    require_training(acting_user, course.product_id)
    require_form(course, CourseForm.VIDEO)
    lengths = [media.seconds_of(upload) if upload.size else None for upload in uploads]  # type: ignore[arg-type]
    problems = [
        problem
        for upload, length in zip(uploads, lengths, strict=True)
        if (problem := _wrong_video(upload, length)) is not None
    ]
    with transaction.atomic():
        row = events.lock(Course, course.pk)
        if row.videos.count() + len(uploads) > VIDEOS_MAX:
            problems.append(
                Problem("videos", _("These are too many videos."),
                        _("Keep at most %(count)s.") % {"count": VIDEOS_MAX}, str(len(uploads)))
            )  # fmt: skip
        if problems:
            raise BadInput(*problems)
        kept = [
            _keep(row, upload, length or 0.0, now)
            for upload, length in zip(uploads, lengths, strict=True)
        ]
        if kept:
            events.change(
                row, "add_videos", actor_id=acting_user.pk, now=now,
                data={"videos": [video.pk for video in kept]},
            )  # fmt: skip
    return kept


def _keep(row: Course, upload: UploadedFile, seconds: float, now: dt.datetime) -> CourseVideo:
    name = kept_name(upload.name or "")
    stored = files.store(upload, now=now)
    # The same bytes again are the same video.
    video, _is_new = CourseVideo.objects.get_or_create(
        course=row, file=stored,
        defaults={
            "name": name, "content_type": VIDEOS[ending_of(name)], "seconds": seconds,
            "created_at": now,
        },
    )  # fmt: skip
    return video


def _wrong_video(upload: UploadedFile, length: float | None) -> Problem | None:
    problem = wrong_with(upload, VIDEOS, largest=settings.VIDEO_MAX_BYTES, field="videos")
    if problem is None and length is None:
        name = kept_name(upload.name or "")
        return Problem(
            "videos", _("The file “%(name)s” does not say how long it is.") % {"name": name},
            _("Export it again as MP4; recordings of a browser often lack it."), name,
        )  # fmt: skip
    return problem


def remove_course_video(video: CourseVideo, *, acting_user: User, now: dt.datetime) -> None:
    """Take a video from its course; what was watched of it is forgotten. Raises NotAllowed."""
    require_training(acting_user, video.course.product_id)
    with transaction.atomic():
        row = events.lock(Course, video.course_id)
        if row.status == Status.PUBLISHED and row.videos.count() == 1:
            raise NothingToLearn(
                Problem("videos", _("A published course needs a video."),
                        _("Add the new one first."), video.name)
            )  # fmt: skip
        events.change(
            row, "remove_video", actor_id=acting_user.pk, now=now, data={"video": video.name}
        )
        video.delete()


def publish_course(
    course: Course, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Course:
    """Whoever it is open to finds it, whoever it is assigned to is asked. Raises NothingToLearn
    where a document course has no page or a video course no video, WrongStatus, NotAllowed.
    """
    require_training(acting_user, course.product_id)
    with transaction.atomic():
        row = events.lock(Course, course.pk)
        require_status(row, Status.DRAFT, Status.RETIRED)
        events.check_unchanged(row, seen_version, ("status",))
        _require_content(row)
        events.change(
            row, "publish", actor_id=acting_user.pk, now=now, fields={"status": Status.PUBLISHED}
        )
        _take_material(row)
        for assignment in row.assignments.filter(is_active=True):
            enrol_later(assignment.pk, row.version, now)
    return row


def retire_course(course: Course, *, acting_user: User, now: dt.datetime) -> Course:
    """Nobody is asked for it any more; what people completed stays. Raises WrongStatus."""
    require_training(acting_user, course.product_id)
    with transaction.atomic():
        row = events.lock(Course, course.pk)
        require_status(row, Status.PUBLISHED)
        events.change(
            row, "retire", actor_id=acting_user.pk, now=now, fields={"status": Status.RETIRED}
        )
        outbox.withdraw(f"course:{row.pk}:", now=now)
    return row


def renew_course(
    course: Course, note: str = "", *, acting_user: User | None, now: dt.datetime
) -> Course:
    """What it teaches changed in a way that matters: everybody who has to know it is asked again.

    Completions of the version before stay as they are. `acting_user` None is the clock, for a page
    that was changed. Raises WrongStatus, NotAllowed.
    """
    if acting_user is not None:
        require_training(acting_user, course.product_id)
    with transaction.atomic():
        row = events.lock(Course, course.pk)
        require_status(row, Status.PUBLISHED)
        events.change(
            row, "renew", actor_id=actor_id(acting_user), now=now,
            fields={"content_version": row.content_version + 1}, data={"note": note[:200]},
        )  # fmt: skip
        _take_material(row)
        outbox.job(
            "docs_portal.ask_again", {"course_id": row.pk, "content_version": row.content_version},
            key=f"course:{row.pk}:again:{row.content_version}", now=now,
        )  # fmt: skip
    return row


def follow_course_content(now: dt.datetime) -> int:
    """Renew every published document course of which a page had a material change since.

    Returns how many.
    """
    rows = CoursePage.objects.filter(
        course__status=Status.PUBLISHED, course__form=CourseForm.DOCUMENT
    ).select_related("course", "page")
    found = list(rows.order_by("course_id", "position"))
    material = material_numbers({row.page_id for row in found})
    changed: dict[int, list[CoursePage]] = {}
    for row in found:
        if material.get(row.page_id, 0) > row.material:
            changed.setdefault(row.course_id, []).append(row)
    for pages in changed.values():
        titles = "; ".join(row.page.title for row in pages)
        renew_course(pages[0].course, titles, acting_user=None, now=now)
    return len(changed)


def _take_material(row: Course) -> None:
    """The content version stands for the pages as they are now."""
    pages = list(row.pages.all())
    material = material_numbers({page.page_id for page in pages})
    for page in pages:
        page.material = material.get(page.page_id, 0)
    CoursePage.objects.bulk_update(pages, ["material"])


def enrol_later(assignment_id: int, mark: int, now: dt.datetime) -> None:
    """Ask a worker to enrol an assignment's people; `mark` tells one such wish from another."""
    outbox.job(
        "docs_portal.enrol", {"assignment_id": assignment_id},
        key=f"assignment:{assignment_id}:enrol:{mark}", now=now,
    )  # fmt: skip


def require_training(user: User, product_id: int | None) -> None:
    if not may_train(user, product_id):
        raise NotAllowed(
            Problem(
                "product", _("You do not write courses about this."),
                _("Choose one of your products, or ask an agent of all of them."),
            )
        )  # fmt: skip


def require_status(row: Course, *statuses: Status) -> None:
    if row.status not in statuses:
        raise WrongStatus(
            Problem(
                "status", _("The course's present status does not allow this."),
                ", ".join(str(status.label) for status in statuses), str(Status(row.status).label),
            )
        )  # fmt: skip


def require_form(row: Course, *forms: CourseForm) -> None:
    if row.form not in forms:
        raise WrongStatus(
            Problem(
                "form", _("Courses of this form have none."),
                ", ".join(str(form.label) for form in forms), str(CourseForm(row.form).label),
            )
        )  # fmt: skip


def _require_content(row: Course) -> None:
    if row.form == CourseForm.DOCUMENT and not row.pages.exists():
        raise NothingToLearn(
            Problem("pages", _("The course has no page yet."), _("Choose what is to be read."))
        )
    if row.form == CourseForm.VIDEO and not row.videos.exists():
        raise NothingToLearn(
            Problem("videos", _("The course has no video yet."), _("Add an MP4 or WebM file."))
        )


def _check_pages(row: Course, pages: Sequence[Page]) -> None:
    problems = [
        Problem("pages", _("This page is not published."), _("Publish it first."), page.title)
        for page in pages
        if page.status != PageStatus.PUBLISHED
    ]
    if row.product_id is not None:
        problems += [
            Problem("pages", _("This page belongs to another product."),
                    _("Choose pages of %(product)s.") % {"product": row.product}, page.title)
            for page in pages
            if page.manual.product_id != row.product_id
        ]  # fmt: skip
    if len(pages) > PAGES_MAX:
        problems.append(
            Problem("pages", _("These are too many pages."),
                    _("Choose at most %(count)s.") % {"count": PAGES_MAX}, str(len(pages)))
        )  # fmt: skip
    if not pages and row.status == Status.PUBLISHED:
        problems.append(
            Problem("pages", _("A published course needs a page."), _("Choose what is to be read."))
        )
    if problems:
        raise BadInput(*problems)


def _check(row: Course) -> None:
    """Refuse words and numbers that could not hold. Raises BadInput naming each."""
    check_fields(row, ("title", "minutes"))
    problems = []
    if len(row.about) > ABOUT_MAX:
        problems.append(
            Problem("about", _("This text is too long."), _("Use at most 20,000 characters."),
                    str(len(row.about)))
        )  # fmt: skip
    if not 1 <= row.minutes <= MINUTES_MAX and row.form not in WITH_SESSIONS:
        problems.append(
            Problem("minutes", _("This is no length of a course."),
                    _("Give minutes from 1 to %(most)s.") % {"most": MINUTES_MAX},
                    str(row.minutes))
        )  # fmt: skip
    problems += check_audience({"role_ids": row.role_ids, "department_ids": row.department_ids})
    if problems:
        raise BadInput(*problems)


def check_audience(wanted: Mapping[str, Sequence[int]]) -> list[Problem]:
    """A problem for each list that names somebody or something there is not."""
    models = {"role_ids": ProductRole, "department_ids": Department, "user_ids": User}
    problems = []
    for name, pks in wanted.items():
        known = set(models[name]._default_manager.filter(pk__in=pks).values_list("pk", flat=True))
        if strange := set(pks) - known:
            problems.append(
                Problem(name, _("There is no such one."), _("Choose from the list."),
                        ", ".join(map(str, sorted(strange))))
            )  # fmt: skip
    return problems
