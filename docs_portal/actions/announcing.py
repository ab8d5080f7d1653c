"""Announcements: written, scheduled, published, withdrawn; who they reached, read, acknowledged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from catalog.models import Product, ProductRole
from core import events, outbox
from core.changes import actor_id, check_fields
from core.errors import BadInput, NotAllowed, Problem
from core.models import Notice
from docs_portal.access import audience_now
from docs_portal.choices import AnnouncementStatus as Status
from docs_portal.errors import RemindedToday, WrongStatus
from docs_portal.models import Announcement, AnnouncementReader
from docs_portal.policies import may_announce

TEXT_MAX = 20_000
#: People told in one transaction.
BATCH = 500
#: What a writer sets.
FIELDS = (
    "title", "what", "solves", "concerns", "how", "starts_at", "ends_at", "product_ids",
    "role_ids", "department_ids", "asks_acknowledgement", "acknowledge_by",
)  # fmt: skip


@dataclass(frozen=True)
class AnnouncementDraft:
    """What a writer says; lists without anybody are for everybody."""

    title: str
    what: str
    solves: str = ""
    concerns: str = ""
    how: str = ""
    product: Product | None = None
    products: Sequence[Product] = ()
    roles: Sequence[ProductRole] = ()
    departments: Sequence[Department] = ()
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    asks_acknowledgement: bool = False
    acknowledge_by: dt.date | None = None
    source: str = ""

    def columns(self) -> dict[str, Any]:
        """The fields of the row by column."""
        return {
            "title": self.title.strip(), "what": self.what.strip(), "solves": self.solves.strip(),
            "concerns": self.concerns.strip(), "how": self.how.strip(),
            "starts_at": self.starts_at, "ends_at": self.ends_at,
            "product_ids": sorted(product.pk for product in self.products),
            "role_ids": sorted(role.pk for role in self.roles),
            "department_ids": sorted(department.pk for department in self.departments),
            "asks_acknowledgement": self.asks_acknowledgement,
            "acknowledge_by": self.acknowledge_by if self.asks_acknowledgement else None,
        }  # fmt: skip


def create_announcement(
    draft: AnnouncementDraft, *, acting_user: User, now: dt.datetime
) -> Announcement:
    """A draft nobody is told of yet. Raises BadInput, NotAllowed."""
    require_announcing(acting_user, draft.product.pk if draft.product else None)
    row = Announcement(
        **draft.columns(), product=draft.product, source=draft.source[:60], author=acting_user,
        created_at=now,
    )  # fmt: skip
    _check(row)
    events.create(row, "create", actor_id=acting_user.pk, now=now)
    return row


def edit_announcement(
    announcement: Announcement,
    draft: AnnouncementDraft,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Announcement:
    """Change the words or the audience. Of a published one, who is new to it is told; who was told
    before is not told again. Raises BadInput, NotAllowed, StaleWrite.
    """
    require_announcing(acting_user, announcement.product_id)
    columns = draft.columns()
    with transaction.atomic():
        row = events.lock(Announcement, announcement.pk)
        events.check_unchanged(row, seen_version, columns)
        changed = {name: value for name, value in columns.items() if getattr(row, name) != value}
        if not changed:
            return row
        wanted = Announcement(**{f.attname: getattr(row, f.attname) for f in row._meta.fields})
        for name, value in changed.items():
            setattr(wanted, name, value)
        _check(wanted)
        event = events.change(row, "edit", actor_id=acting_user.pk, now=now, fields=changed)
        if row.status == Status.PUBLISHED:
            _tell_later(row, event.version, now)
    return row


def publish_announcement(
    announcement: Announcement,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Announcement:
    """Publish it now, or at its time when that is still to come. Raises WrongStatus, NotAllowed.

    `acting_user` None is the clock, for one that was scheduled.
    """
    if acting_user is not None:
        require_announcing(acting_user, announcement.product_id)
    with transaction.atomic():
        row = events.lock(Announcement, announcement.pk)
        require_status(row, Status.DRAFT, Status.SCHEDULED, Status.WITHDRAWN)
        events.check_unchanged(row, seen_version, ("status", *FIELDS))
        waits = row.starts_at is not None and row.starts_at > now
        if waits and row.status == Status.SCHEDULED:
            return row
        if not waits and row.ends_at is not None and row.ends_at <= now:
            raise BadInput(
                Problem(
                    "ends_at", _("The banner would be over before it begins."),
                    _("Choose a later time, or none."), str(row.ends_at),
                )
            )  # fmt: skip
        fields: dict[str, Any] = {"status": Status.SCHEDULED if waits else Status.PUBLISHED}
        if not waits:
            fields["published_at"] = now
        event = events.change(
            row, "schedule" if waits else "publish", actor_id=actor_id(acting_user), now=now,
            fields=fields,
        )  # fmt: skip
        if not waits:
            _tell_later(row, event.version, now)
    return row


def withdraw_announcement(
    announcement: Announcement, *, acting_user: User, now: dt.datetime
) -> Announcement:
    """Take it back: a scheduled one is a draft again, a published one is shown to nobody any more,
    and notices that have not left stay. Raises WrongStatus, NotAllowed.
    """
    require_announcing(acting_user, announcement.product_id)
    with transaction.atomic():
        row = events.lock(Announcement, announcement.pk)
        require_status(row, Status.SCHEDULED, Status.PUBLISHED)
        after = Status.DRAFT if row.status == Status.SCHEDULED else Status.WITHDRAWN
        events.change(row, "withdraw", actor_id=acting_user.pk, now=now, fields={"status": after})
        outbox.withdraw(f"announcement:{row.pk}:", now=now)
    return row


def publish_due_announcements(now: dt.datetime) -> int:
    """Publish what was scheduled for a time that has come. Returns how many."""
    due = Announcement.objects.filter(status=Status.SCHEDULED, starts_at__lte=now)
    published = 0
    for announcement in due.order_by("pk"):
        try:
            publish_announcement(announcement, acting_user=None, now=now)
            published += 1
        except (WrongStatus, BadInput):
            # Taken back at this moment, or over before it began: it stays where it is.
            continue
    return published


def tell_audience(announcement_id: int, *, now: dt.datetime) -> int:
    """Write a notice to everybody of the audience who was not told yet. Returns how many."""
    row = Announcement.objects.filter(pk=announcement_id).first()
    if row is None or not row.is_live(now):
        return 0
    told = AnnouncementReader.objects.filter(announcement=row, told_at__isnull=False)
    known = set(told.values_list("user_id", flat=True))
    wanted = sorted(audience_now(row, timezone.localdate(now)) - known)
    for start in range(0, len(wanted), BATCH):
        with transaction.atomic():
            _tell(row, wanted[start : start + BATCH], now)
    return len(wanted)


def _tell(row: Announcement, people: Iterable[int], now: dt.datetime) -> None:
    for user_id in people:
        reader, is_new = AnnouncementReader.objects.get_or_create(
            announcement=row, user_id=user_id, defaults={"told_at": now}
        )
        if not is_new:
            AnnouncementReader.objects.filter(pk=reader.pk, told_at=None).update(told_at=now)
        outbox.notify(
            user_id, "announcement.published", {"announcement": row.pk, "title": row.title},
            key=f"announcement:{row.pk}:told", now=now, subject=Announcement.SUBJECT,
            subject_id=row.pk,
        )  # fmt: skip


def tell_newcomers(now: dt.datetime) -> int:
    """Who came to the audience of a live announcement since is told as well; what was seen in the
    inbox counts as reached. Returns how many were told.
    """
    told = 0
    for row in Announcement.objects.live(now):
        told += tell_audience(row.pk, now=now)
        seen = Notice.objects.filter(
            subject=Announcement.SUBJECT, subject_id=row.pk, seen_at__isnull=False
        ).values_list("recipient_id", flat=True)
        AnnouncementReader.objects.filter(
            announcement=row, reached_at=None, user_id__in=list(seen)
        ).update(reached_at=now)
    return told


def note_reached(
    announcements: Sequence[Announcement], *, acting_user: User, now: dt.datetime
) -> None:
    """They were drawn on a page in front of the person: one statement, however many."""
    if not announcements:
        return
    AnnouncementReader.objects.bulk_create(
        [
            AnnouncementReader(announcement=row, user=acting_user, reached_at=now)
            for row in announcements
        ],
        ignore_conflicts=True,
    )
    AnnouncementReader.objects.filter(
        announcement__in=announcements, user=acting_user, reached_at=None
    ).update(reached_at=now)


def read_announcement(announcement: Announcement, *, acting_user: User, now: dt.datetime) -> None:
    """The person opened it; the first time counts."""
    if announcement.status == Status.PUBLISHED:
        _mark(announcement, acting_user, now, "reached_at", "read_at")


def dismiss_announcement(
    announcement: Announcement, *, acting_user: User, now: dt.datetime
) -> None:
    """Put its banner away. Raises WrongStatus where an acknowledgement is asked for."""
    require_status(announcement, Status.PUBLISHED)
    if announcement.asks_acknowledgement:
        raise WrongStatus(
            Problem("", _("This one asks for your acknowledgement."), _("Read and acknowledge it."))
        )
    _mark(announcement, acting_user, now, "reached_at", "dismissed_at")


def acknowledge_announcement(
    announcement: Announcement, *, acting_user: User, now: dt.datetime
) -> None:
    """The person says they have taken it in (阅读确认); the first time counts."""
    require_status(announcement, Status.PUBLISHED)
    _mark(announcement, acting_user, now, "reached_at", "read_at", "acknowledged_at")


def _mark(row: Announcement, user: User, now: dt.datetime, *fields: str) -> None:
    with transaction.atomic():
        reader, is_new = AnnouncementReader.objects.get_or_create(
            announcement=row, user=user, defaults=dict.fromkeys(fields, now)
        )
        if is_new:
            return
        for name in fields:
            AnnouncementReader.objects.filter(pk=reader.pk, **{name: None}).update(**{name: now})


def remind_announcement(announcement: Announcement, *, acting_user: User, now: dt.datetime) -> int:
    """Have who has not acknowledged it reminded (or not read it, where nothing is asked): once a
    day, by a worker. Returns how many. Raises RemindedToday, WrongStatus, NotAllowed.
    """
    require_announcing(acting_user, announcement.product_id)
    day = timezone.localdate(now)
    with transaction.atomic():
        row = events.lock(Announcement, announcement.pk)
        require_status(row, Status.PUBLISHED)
        asked = events.history(Announcement.SUBJECT, row.pk).filter(verb="remind")
        if asked.filter(occurred_at__gte=_midnight(now)).exists():
            raise RemindedToday(
                Problem("", _("They were reminded today."), _("Remind them again tomorrow."))
            )
        people = len(audience_now(row, day) - _done(row))
        events.change(row, "remind", actor_id=acting_user.pk, now=now, data={"people": people})
        outbox.job(
            "docs_portal.remind_announcement", {"announcement_id": row.pk},
            key=f"announcement:{row.pk}:remind:{day}", now=now,
        )  # fmt: skip
    return people


def remind_audience(announcement_id: int, *, now: dt.datetime) -> int:
    """Remind everybody who has not answered and was not reminded today. Returns how many."""
    row = Announcement.objects.filter(pk=announcement_id, status=Status.PUBLISHED).first()
    if row is None:
        return 0
    day = timezone.localdate(now)
    today = row.readers.filter(reminded_at__gte=_midnight(now)).values_list("user_id", flat=True)
    waiting = sorted(audience_now(row, day) - _done(row) - set(today))
    for start in range(0, len(waiting), BATCH):
        with transaction.atomic():
            _remind(row, waiting[start : start + BATCH], day, now)
    return len(waiting)


def _remind(row: Announcement, people: list[int], day: dt.date, now: dt.datetime) -> None:
    AnnouncementReader.objects.bulk_create(
        [AnnouncementReader(announcement=row, user_id=user_id) for user_id in people],
        ignore_conflicts=True,
    )
    for user_id in people:
        outbox.notify(
            user_id, "announcement.reminded", {"announcement": row.pk, "title": row.title},
            key=f"announcement:{row.pk}:reminded:{day}", now=now,
            subject=Announcement.SUBJECT, subject_id=row.pk,
        )  # fmt: skip
    row.readers.filter(user_id__in=people).update(reminded_at=now)


def _midnight(now: dt.datetime) -> dt.datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def _done(row: Announcement) -> set[int]:
    name = "acknowledged_at" if row.asks_acknowledgement else "read_at"
    return set(row.readers.filter(**{f"{name}__isnull": False}).values_list("user_id", flat=True))


def _tell_later(row: Announcement, version: int, now: dt.datetime) -> None:
    outbox.job(
        "docs_portal.tell_announcement", {"announcement_id": row.pk},
        key=f"announcement:{row.pk}:tell:{version}", now=now,
    )  # fmt: skip


def require_announcing(user: User, product_id: int | None) -> None:
    if not may_announce(user, product_id):
        raise NotAllowed(
            Problem(
                "product", _("You do not write announcements about this."),
                _("Choose one of your products, or ask an agent of all of them."),
            )
        )  # fmt: skip


def require_status(row: Announcement, *statuses: Status) -> None:
    if row.status not in statuses:
        raise WrongStatus(
            Problem(
                "status", _("The announcement's present status does not allow this."),
                ", ".join(str(status.label) for status in statuses),
                str(Status(row.status).label),
            )
        )  # fmt: skip


def _check(row: Announcement) -> None:
    """Refuse words and times that could not hold. Raises BadInput naming each."""
    check_fields(row, ("title", "what"))
    problems = [
        Problem(name, _("This text is too long."), _("Use at most 20,000 characters."),
                str(len(getattr(row, name))))
        for name in ("what", "solves", "concerns", "how")
        if len(getattr(row, name)) > TEXT_MAX
    ]  # fmt: skip
    if row.ends_at and row.starts_at and row.ends_at <= row.starts_at:
        problems.append(
            Problem("ends_at", _("The banner would be over before it begins."),
                    _("Choose a later time, or none."), str(row.ends_at))
        )  # fmt: skip
    for name, model in (
        ("product_ids", Product), ("role_ids", ProductRole), ("department_ids", Department),
    ):  # fmt: skip
        known = set(model.objects.filter(pk__in=getattr(row, name)).values_list("pk", flat=True))
        if strange := set(getattr(row, name)) - known:
            problems.append(
                Problem(name, _("There is no such one."), _("Choose from the list."),
                        ", ".join(map(str, sorted(strange))))
            )  # fmt: skip
    if problems:
        raise BadInput(*problems)
