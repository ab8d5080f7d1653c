"""Must-reads: asked of an audience by a day, acknowledged for the material version, asked again
when the meaning of the page changes. What was acknowledged before stays on record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from catalog.models import ProductRole
from core import events, outbox
from core.errors import BadInput, NotAllowed, Problem
from docs_portal.access import must_readers, recipient_of
from docs_portal.choices import PageStatus
from docs_portal.errors import NotAsked, NotPublished, PageChanged, RemindedToday
from docs_portal.models import MustRead, MustReadReader, MustReadRound, Page, Revision
from docs_portal.policies import may_write

DAYS_MAX = 180
#: Days before the last day on which who has not answered is reminded by itself.
SOON = 2
BATCH = 500


@dataclass(frozen=True)
class MustReadDraft:
    """Whom a page is required of and by when. Empty lists do not narrow the page's readers.

    `due_on` is the last day for the present version, `days` how long a later material change
    leaves.
    """

    due_on: dt.date
    role_ids: Collection[int] = ()
    department_ids: Collection[int] = ()
    days: int = 7


def require_reading(
    page: Page, draft: MustReadDraft, *, acting_user: User, now: dt.datetime,
    seen_version: int | None = None,
) -> MustRead:  # fmt: skip
    """Make a page a must-read, or change whom it is asked of and by when.

    Everybody asked who was not told yet gets a notice. Raises NotAllowed, NotPublished, BadInput,
    StaleWrite.
    """
    _require_writer(acting_user, page)
    with transaction.atomic():
        page = events.lock(Page, page.pk)
        _require_published(page)
        row = MustRead.objects.filter(page=page, is_active=True).first()
        fields = {
            "role_ids": sorted(set(draft.role_ids)),
            "department_ids": sorted(set(draft.department_ids)), "days": draft.days,
        }  # fmt: skip
        is_new = row is None
        if row is None:
            row = MustRead(page=page, created_by=acting_user, created_at=now, **fields)
            _check(row, draft, now)
            events.create(
                row, "require", actor_id=acting_user.pk, now=now,
                data={"due_on": str(draft.due_on)},
            )  # fmt: skip
        else:
            row = events.lock(MustRead, row.pk)
            events.check_unchanged(row, seen_version, fields)
            for name, value in fields.items():
                setattr(row, name, value)
            _check(row, draft, now)
            row.refresh_from_db()
            events.change(
                row, "edit", actor_id=acting_user.pk, now=now, fields=fields,
                data={"due_on": str(draft.due_on)},
            )  # fmt: skip
        this = _round_of(row, page, draft.due_on, now)
        if not is_new and this.due_on != draft.due_on:
            this.due_on = draft.due_on
            this.save(update_fields=["due_on"])
        _tell_later(this, row.version, now)
    return row


def stop_requiring(
    must_read: MustRead, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> MustRead:
    """Ask nobody any more; what was acknowledged stays on record. Raises NotAllowed."""
    _require_writer(acting_user, must_read.page)
    with transaction.atomic():
        row = events.lock(MustRead, must_read.pk)
        events.check_unchanged(row, seen_version, ["is_active"])
        if row.is_active:
            events.change(
                row, "stop", actor_id=acting_user.pk, now=now, fields={"is_active": False}
            )
            outbox.withdraw(f"must_read:{row.pk}:", now=now)
    return row


def ask_again(page: Page, now: dt.datetime) -> None:
    """In the transaction that published `page`: where its meaning changed and it is a must-read,
    a new round begins, due after the must-read's days.
    """
    row = MustRead.objects.filter(page=page, is_active=True).first()
    if row is None or page.material_revision_id is None:
        return
    due_on = timezone.localdate(now) + dt.timedelta(days=row.days)
    before = row.rounds.count()
    this = _round_of(row, page, due_on, now)
    if row.rounds.count() > before:
        _tell_later(this, row.version, now)


def acknowledge_page(
    page: Page, revision: Revision, *, acting_user: User, now: dt.datetime
) -> MustReadReader:
    """The person says they have read `revision` of a must-read; the first time counts.

    Raises NotAsked for who is not asked, PageChanged where the text before them is older than the
    version that is asked for.
    """
    day = timezone.localdate(now)
    with transaction.atomic():
        page = events.lock(Page, page.pk)
        rounds = MustReadRound.objects.current().filter(must_read__page=page)
        this = rounds.select_related("revision").first()
        mine = rounds.for_person(recipient_of(acting_user, day))
        if this is None or not mine.exists():
            raise NotAsked(
                Problem(
                    "page", _("Nobody asks you to acknowledge this page."),
                    _("There is nothing to do."), page.title,
                )
            )  # fmt: skip
        is_of_page = revision.page_id == page.pk and revision.published_at is not None
        if not is_of_page or revision.number < this.revision.number:
            raise PageChanged(
                Problem(
                    "revision", _("The page has changed since you opened it."),
                    _("Read it again, then acknowledge the new version."), str(revision.number),
                )
            )  # fmt: skip
        reader, _is_new = MustReadReader.objects.get_or_create(round=this, user=acting_user)
        if reader.acknowledged_at is None:
            reader.acknowledged_at, reader.revision = now, revision
            reader.save(update_fields=["acknowledged_at", "revision"])
    return reader


def remind_readers(must_read: MustRead, *, acting_user: User, now: dt.datetime) -> int:
    """Remind who has not acknowledged the present version: once a day. Returns how many.

    Raises RemindedToday, NotAllowed, NotPublished.
    """
    _require_writer(acting_user, must_read.page)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        row = events.lock(MustRead, must_read.pk)
        this = MustReadRound.objects.current().filter(must_read=row).first()
        if this is None:
            _require_published(row.page)
            raise NotAsked(Problem("", _("Nobody is asked to read this page now.")))
        if this.reminded_at is not None and this.reminded_at >= midnight:
            raise RemindedToday(
                Problem("", _("They were reminded today."), _("Remind them again tomorrow."))
            )
        waiting = waiting_for(this, timezone.localdate(now))
        _notify(this, waiting, "reminded", now)
        this.reminded_at = now
        this.save(update_fields=["reminded_at"])
        events.change(
            row, "remind", actor_id=acting_user.pk, now=now, data={"people": len(waiting)}
        )
    return len(waiting)


def tell_must_read(round_id: int, *, now: dt.datetime) -> int:
    """Write a notice to everybody asked who has not answered and was not told of this round.

    Safe to run twice. Returns how many were told.
    """
    this = MustReadRound.objects.current().filter(pk=round_id).first()
    return 0 if this is None else _tell(this, waiting_for(this, timezone.localdate(now)), now)


def follow_must_reads(now: dt.datetime) -> int:
    """Tell who came to an audience since; remind who has not answered, once two days before the
    last day and once after it. Safe to run at any time and twice. Returns how many were reminded.
    """
    day = timezone.localdate(now)
    return sum(
        _follow(this, day, now)
        for this in MustReadRound.objects.current().select_related("must_read__page__manual")
    )


def _follow(this: MustReadRound, day: dt.date, now: dt.datetime) -> int:
    waiting = waiting_for(this, day)
    _tell(this, waiting, now)
    left = (this.due_on - day).days
    if left > SOON:
        return 0
    # Who was told or reminded within the same days has heard it.
    since = this.due_on + dt.timedelta(days=1) if left < 0 else this.due_on - dt.timedelta(SOON)
    start = timezone.make_aware(dt.datetime.combine(since, dt.time.min))
    heard = this.readers.filter(Q(told_at__gte=start) | Q(reminded_at__gte=start))
    silent = sorted(set(waiting) - set(heard.values_list("user_id", flat=True)))
    with transaction.atomic():
        _notify(this, silent, "reminded", now)
    return len(silent)


def waiting_for(this: MustReadRound, day: dt.date) -> list[int]:
    """Ids of the people asked who have not acknowledged this round."""
    answered = this.readers.filter(acknowledged_at__isnull=False)
    return sorted(must_readers(this.must_read, day) - set(answered.values_list("user", flat=True)))


def _tell(this: MustReadRound, people: Collection[int], now: dt.datetime) -> int:
    told = this.readers.filter(told_at__isnull=False).values_list("user_id", flat=True)
    new = sorted(set(people) - set(told))
    for start in range(0, len(new), BATCH):
        with transaction.atomic():
            _notify(this, new[start : start + BATCH], "asked", now)
    return len(new)


def _round_of(row: MustRead, page: Page, due_on: dt.date, now: dt.datetime) -> MustReadRound:
    """The round of the page's present material version."""
    assert page.material_revision_id is not None  # noqa: S101  (published)
    this, _is_new = MustReadRound.objects.get_or_create(
        must_read=row, revision_id=page.material_revision_id,
        defaults={"due_on": due_on, "asked_at": now},
    )  # fmt: skip
    return this


def _notify(this: MustReadRound, people: Collection[int], kind: str, now: dt.datetime) -> None:
    """A notice to each, marked with who got it (in the caller's transaction)."""
    page = this.must_read.page
    MustReadReader.objects.bulk_create(
        [MustReadReader(round=this, user_id=pk) for pk in people], ignore_conflicts=True
    )
    column, key = ("told_at", "asked") if kind == "asked" else ("reminded_at", f"{kind}:{now}")
    this.readers.filter(user_id__in=people).update(**{column: now})
    for user_id in people:
        outbox.notify(
            user_id, f"must_read.{kind}",
            {"page": page.pk, "title": page.title, "due_on": str(this.due_on)},
            key=f"must_read:{this.must_read_id}:{this.pk}:{key}", now=now,
            subject=MustRead.SUBJECT, subject_id=this.must_read_id,
        )  # fmt: skip


def _tell_later(this: MustReadRound, version: int, now: dt.datetime) -> None:
    outbox.job(
        "docs_portal.tell_must_read", {"round_id": this.pk},
        key=f"must_read:{this.must_read_id}:{this.pk}:tell:{version}", now=now,
    )  # fmt: skip


def _require_writer(user: User, page: Page) -> None:
    if not may_write(user, page.manual.product_id):
        raise NotAllowed(
            Problem(
                "product", _("You do not write the manual of this product."),
                _("Ask an agent of the product."),
            )
        )  # fmt: skip


def _require_published(page: Page) -> None:
    if page.status != PageStatus.PUBLISHED:
        raise NotPublished(
            Problem(
                "page", _("Only a published page can be required reading."),
                _("Publish it first."), str(PageStatus(page.status).label),
            )
        )  # fmt: skip


def _check(row: MustRead, draft: MustReadDraft, now: dt.datetime) -> None:
    """Refuse an audience and days that could not hold. Raises BadInput naming each."""
    day = timezone.localdate(now)
    problems = []
    if draft.due_on < day:
        problems.append(
            Problem("due_on", _("This day is over."), _("Choose today or a later day."),
                    str(draft.due_on))
        )  # fmt: skip
    if not 1 <= draft.days <= DAYS_MAX:
        problems.append(
            Problem("days", _("This many days cannot be kept."), _("Choose 1 to 180 days."),
                    str(draft.days))
        )  # fmt: skip
    roles = ProductRole.objects.filter(product_id=row.page.manual.product_id)
    known = {
        "roles": (row.role_ids, set(roles.values_list("pk", flat=True))),
        "departments": (row.department_ids, set(Department.objects.values_list("pk", flat=True))),
    }
    for name, (wanted, there) in known.items():
        if strange := set(wanted) - there:
            problems.append(
                Problem(name, _("There is no such one."), _("Choose from the list."),
                        ", ".join(map(str, sorted(strange))))
            )  # fmt: skip
    if not problems and not must_readers(row, day):
        problems.append(
            Problem("roles", _("Nobody of this audience can read the page."),
                    _("Choose other roles or departments, or open the page to them."))
        )  # fmt: skip
    if problems:
        raise BadInput(*problems)
