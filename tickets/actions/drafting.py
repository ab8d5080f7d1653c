"""Drafts: saved while somebody writes, restored on any device, gone when they are sent.

No event and no lock of the ticket: a draft is its writer's own, and nobody else is told of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import files as stored_files
from core.changes import TEXT_MAX
from core.prepared import Prepared
from core.text import without_mentions
from core.uploads import kept_name
from tickets.actions.attaching import check_files, served_type, too_many
from tickets.choices import CommentKind
from tickets.errors import BadInput, Problem, StaleDraft, StaleSubmitDraft
from tickets.models import (
    Attachment,
    Comment,
    Draft,
    DraftFile,
    SubmitDraft,
    SubmitDraftFile,
    Ticket,
)
from tickets.policies import require_verb

#: A save that was on its way while the same text was sent must not bring it back.
JUST_SENT = dt.timedelta(minutes=2)
#: How long a ticket that somebody began to write is kept after the last key.
BEGUN_KEPT = dt.timedelta(days=60)


def _guard(ticket: Ticket, kind: str, user: User) -> None:
    if kind not in CommentKind.values:
        raise BadInput(
            Problem(
                "kind", _("This value is not one of the choices."), ", ".join(CommentKind.values),
                kind,
            )
        )  # fmt: skip
    require_verb(ticket, "note" if kind == CommentKind.NOTE else "comment", user)


def _own(ticket: Ticket, kind: str, user: User) -> Draft | None:
    found = _locked_draft(ticket=ticket.pk, person=user.pk, kind=kind)
    return found[0] if found else None


@Prepared
def _locked_draft(ticket: int, person: int, kind: str) -> QuerySet[Draft]:
    drafts = Draft.objects.select_for_update(of=("self",))
    return drafts.filter(ticket=ticket, person=person, kind=kind).order_by("pk")[:1]


def save_draft(
    ticket: Ticket, body: str, *, kind: str, revision: int, acting_user: User, now: dt.datetime
) -> Draft | None:
    """Keep what was typed so far; None when nothing is left to keep.

    `revision` is the one this window last saw, 0 for none. Raises StaleDraft when another window
    saved, sent or discarded the draft since: the newer wins, the older is told.
    """
    _guard(ticket, kind, acting_user)
    if len(body) > TEXT_MAX:
        raise BadInput(
            Problem(
                "body", _("This text is too long."),
                _("Shorten it; the limit is %(limit)s characters.") % {"limit": TEXT_MAX},
                str(len(body)),
            )
        )  # fmt: skip
    try:
        with transaction.atomic():
            return _saved(ticket, body, kind, revision, acting_user, now)
    except IntegrityError as error:  # two windows began at once
        raise StaleDraft(
            Draft.objects.filter(ticket=ticket, person=acting_user, kind=kind).first()
        ) from error


def _saved(
    ticket: Ticket, body: str, kind: str, revision: int, user: User, now: dt.datetime
) -> Draft | None:
    draft = _own(ticket, kind, user)
    if draft is None:
        if revision:
            raise StaleDraft(None)
        if not body.strip() or _was_sent(ticket, body, kind, user, now):
            return None
        return Draft.objects.create(ticket=ticket, person=user, kind=kind, body=body, saved_at=now)
    if draft.body == body:
        return draft
    if draft.revision != revision:
        raise StaleDraft(draft)
    if not body.strip() and not draft.files.exists():
        draft.delete()
        return None
    draft.body, draft.revision, draft.saved_at = body, draft.revision + 1, now
    draft.save(update_fields=["body", "revision", "saved_at"])
    return draft


def _was_sent(ticket: Ticket, body: str, kind: str, user: User, now: dt.datetime) -> bool:
    last = ticket.comments.filter(author=user, kind=kind, created_at__gt=now - JUST_SENT).last()
    return last is not None and without_mentions(last.body) == body.strip()


def discard_draft(ticket: Ticket, *, kind: str, acting_user: User) -> None:
    """Forget a draft with its files; one that is gone already changes nothing."""
    _guard(ticket, kind, acting_user)
    Draft.objects.filter(ticket=ticket, person=acting_user, kind=kind).delete()


def add_draft_file(
    ticket: Ticket, upload: UploadedFile, *, kind: str, acting_user: User, now: dt.datetime
) -> DraftFile:
    """Keep a file with the draft, which begins with it where there is none. Raises BadInput."""
    _guard(ticket, kind, acting_user)
    check_files([upload])
    name = kept_name(upload.name or "")
    with transaction.atomic():
        draft = _own(ticket, kind, acting_user)
        if draft is None:
            draft, _made = Draft.objects.get_or_create(
                ticket=ticket, person=acting_user, kind=kind, defaults={"saved_at": now}
            )
        waiting = draft.files.count() + 1
        if waiting > settings.ATTACHMENT_MAX_COUNT:
            raise BadInput(too_many(waiting))
        return DraftFile.objects.create(
            draft=draft, file=stored_files.store(upload, now=now), name=name,
            content_type=served_type(name), created_at=now,
        )  # fmt: skip


def remove_draft_file(file: DraftFile, *, acting_user: User) -> None:
    """Leave a file out before sending; a draft that holds nothing else goes with it."""
    with transaction.atomic():
        draft = _own(file.draft.ticket, file.draft.kind, acting_user)
        file.delete()
        if draft is not None and not draft.body.strip() and not draft.files.exists():
            draft.delete()


def send_draft(ticket: Ticket, comment: Comment, *, acting_user: User, now: dt.datetime) -> None:
    """Hand the draft's files to the comment that was made of it; the draft is gone."""
    draft = _own(ticket, comment.kind, acting_user)
    if draft is None:
        return
    waiting = list(draft.files.order_by("pk"))
    there = comment.attachments.count()
    if there + len(waiting) > settings.ATTACHMENT_MAX_COUNT:
        raise BadInput(too_many(there + len(waiting)))
    Attachment.objects.bulk_create(
        Attachment(
            ticket=ticket, comment=comment, file_id=file.file_id, name=file.name,
            content_type=file.content_type, uploaded_by=acting_user, created_at=now,
        )
        for file in waiting
    )  # fmt: skip
    draft.delete()


# ---- a ticket that is being written -------------------------------------------------------------

#: Tickets one person may have begun; the oldest make room.
BEGUN_MAX = 10
#: Longest value of one field of a draft, in characters; the description may be this long.
VALUE_MAX = TEXT_MAX
#: Fields of a draft; custom fields are counted among them.
VALUES_MAX = 120


def save_submit_draft(
    draft: SubmitDraft | None,
    values: Mapping[str, str],
    *,
    revision: int,
    acting_user: User,
    now: dt.datetime,
) -> SubmitDraft | None:
    """Keep what the submit form holds so far; None when nothing is left to keep.

    `draft` is None for the first save of a window. Raises StaleSubmitDraft when another window
    saved since, BadInput for more than a form can hold.
    """
    kept = {name: text for name, text in values.items() if text.strip()}
    _check_values(kept)
    with transaction.atomic():
        row = _locked(draft, acting_user)
        if row is None:
            return _begin(kept, acting_user, now) if _says_something(kept) else None
        if row.values == kept:
            return row
        if row.revision != revision:
            raise StaleSubmitDraft(row)
        if not _says_something(kept) and not row.files.exists():
            row.delete()
            return None
        row.values, row.revision, row.saved_at = kept, row.revision + 1, now
        row.save(update_fields=["values", "revision", "saved_at"])
    return row


def _locked(draft: SubmitDraft | None, user: User) -> SubmitDraft | None:
    if draft is None:
        return None
    return SubmitDraft.objects.select_for_update().filter(pk=draft.pk, person=user).first()


def _begin(values: Mapping[str, str], user: User, now: dt.datetime) -> SubmitDraft:
    older = SubmitDraft.objects.filter(person=user).order_by("-saved_at", "-pk")
    too_many_pks = list(older.values_list("pk", flat=True)[BEGUN_MAX - 1 :])
    SubmitDraft.objects.filter(pk__in=too_many_pks).delete()
    return SubmitDraft.objects.create(
        person=user, values=dict(values), created_at=now, saved_at=now
    )  # fmt: skip


def _says_something(values: Mapping[str, str]) -> bool:
    """A product that a link chose, or an impact that stands from the start, is no draft."""
    return any(
        name in ("description", "title") or name.startswith("custom.") for name in values
    )  # fmt: skip


def _check_values(values: Mapping[str, str]) -> None:
    problems = [
        Problem(
            name[:60], _("This text is too long."),
            _("Shorten it; the limit is %(limit)s characters.") % {"limit": VALUE_MAX},
            str(len(text)),
        )
        for name, text in values.items() if len(text) > VALUE_MAX or len(name) > 60
    ]  # fmt: skip
    if len(values) > VALUES_MAX:
        problems.append(
            Problem(
                "", _("These are too many fields."),
                _("A draft keeps at most %(count)s.") % {"count": VALUES_MAX}, str(len(values)),
            )
        )  # fmt: skip
    if problems:
        raise BadInput(*problems)


def add_submit_draft_file(
    draft: SubmitDraft | None,
    upload: UploadedFile,
    *,
    field_key: str = "",
    acting_user: User,
    now: dt.datetime,
) -> SubmitDraftFile:
    """Keep a file with the draft, which begins with it where there is none. Raises BadInput."""
    check_files([upload])
    name = kept_name(upload.name or "")
    with transaction.atomic():
        row = _locked(draft, acting_user) or _begin({}, acting_user, now)
        waiting = row.files.filter(field_key=field_key).count() + 1
        if waiting > settings.ATTACHMENT_MAX_COUNT:
            raise BadInput(too_many(waiting))
        return SubmitDraftFile.objects.create(
            draft=row, file=stored_files.store(upload, now=now), name=name, field_key=field_key,
            content_type=served_type(name), created_at=now,
        )  # fmt: skip


def remove_submit_draft_file(file: SubmitDraftFile, *, acting_user: User) -> None:
    """Leave a file out before submitting."""
    SubmitDraftFile.objects.filter(pk=file.pk, draft__person=acting_user).delete()


def discard_submit_draft(draft: SubmitDraft, *, acting_user: User) -> None:
    """Forget a draft with its files; one that is gone already changes nothing."""
    SubmitDraft.objects.filter(pk=draft.pk, person=acting_user).delete()


def forget_submit_drafts(*, now: dt.datetime) -> int:
    """Delete what nobody went on writing. Returns how many drafts."""
    too_old = now - BEGUN_KEPT
    _rows, deleted = SubmitDraft.objects.filter(saved_at__lt=too_old).delete()
    return deleted.get(SubmitDraft._meta.label, 0)


def send_submit_draft(
    ticket: Ticket,
    draft: SubmitDraft,
    waiting: Sequence[SubmitDraftFile],
    *,
    acting_user: User,
    now: dt.datetime,
) -> None:
    """Hand the draft's files to the ticket that was made of it; the draft is gone."""
    Attachment.objects.bulk_create(
        Attachment(
            ticket=ticket, file_id=file.file_id, name=file.name, content_type=file.content_type,
            field_key=file.field_key, uploaded_by=acting_user, created_at=now,
        )
        for file in waiting
    )  # fmt: skip
    draft.delete()
