"""What readers say of a page, and taking what the queue of manual debt holds."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Module, Product, ProductRole
from core import events, outbox
from core.errors import BadInput, NotAllowed, Problem
from docs_portal.access import may_read
from docs_portal.actions.rights import require_writer
from docs_portal.actions.writing import TITLE_MAX, PageDraft, create_page, latest_position
from docs_portal.choices import DebtOutcome, PageKind, PageStatus, VoiceReason
from docs_portal.errors import DebtTaken, NotPublished
from docs_portal.models import DebtItem, Page, PageRead, PageVoice, TicketAfterReading
from docs_portal.policies import may_write
from docs_portal.policies.debt import Place, Seed

COMMENT_MAX = 2_000
NOTE_MAX = 300
#: A ticket this soon after reading was filed because the page did not help.
AFTER_READING = dt.timedelta(hours=1)


def say_of_page(
    page: Page,
    *,
    is_helpful: bool,
    reason: str = "",
    comment: str = "",
    ticket_id: int | None = None,
    acting_user: User,
    now: dt.datetime,
) -> PageVoice:
    """Whether the published text helped, why not, and in the person's words; a later word replaces
    the earlier one of the same text. The page's writer is told of anything but a bare yes.

    `ticket_id`: the ticket an agent flags it from. Raises NotPublished, NotAllowed, BadInput.
    """
    revision = page.published_revision
    if page.status != PageStatus.PUBLISHED or revision is None:
        raise NotPublished(
            Problem("page", _("Only a published page is judged."), _("Publish it first."))
        )
    day = timezone.localdate(now)
    if not may_read(page, acting_user, day) and not may_write(acting_user, page.manual.product_id):
        raise NotAllowed(
            Problem("page", _("This page is not for your role."), _("Open a page of your own."))
        )
    said = _checked(is_helpful, reason, comment) | {"ticket_id": ticket_id, "said_at": now}
    with transaction.atomic():
        # Two clicks at once are one word: they wait for each other at the page's row.
        events.lock(Page, page.pk)
        known = PageVoice.objects.filter(revision=revision, person=acting_user).first()
        if known is None:
            voice = PageVoice(page=page, revision=revision, person=acting_user, **said)
            events.create(voice, "say", actor_id=acting_user.pk, now=now)
        else:
            voice = events.lock(PageVoice, known.pk)
            if all(
                getattr(voice, name) == said[name] for name in ("is_helpful", "reason", "comment")
            ):
                return voice
            events.change(
                voice, "say", actor_id=acting_user.pk, now=now,
                fields={**said, "heard_at": None, "heard_by_id": None},
            )  # fmt: skip
        _tell_writer(page, revision.author_id, voice, now)
    return voice


def _checked(is_helpful: bool, reason: str, comment: str) -> dict[str, object]:
    comment = comment.strip()
    if reason and (is_helpful or reason not in VoiceReason.values):
        raise BadInput(
            Problem(
                "reason", _("This is no reason why a page did not help."),
                ", ".join(str(label) for label in VoiceReason.labels), reason,
            )
        )  # fmt: skip
    if len(comment) > COMMENT_MAX:
        raise BadInput(
            Problem(
                "comment", _("This text is too long."),
                _("Shorten it; the limit is %(limit)s characters.") % {"limit": COMMENT_MAX},
                str(len(comment)),
            )
        )  # fmt: skip
    return {"is_helpful": is_helpful, "reason": reason, "comment": comment}


def _tell_writer(page: Page, writer_id: int, voice: PageVoice, now: dt.datetime) -> None:
    """A bare yes is a count; a no, and any words, reach whoever wrote the text."""
    if writer_id == voice.person_id or (voice.is_helpful and not voice.comment):
        return
    outbox.notify(
        writer_id, "page.voice", {"page": page.pk, "title": page.title, "voice": voice.pk},
        key=f"page_voice:{voice.pk}:{voice.version}", now=now,
        subject=Page.SUBJECT, subject_id=page.pk,
    )  # fmt: skip


def hear_voice(voice: PageVoice, *, acting_user: User, now: dt.datetime) -> PageVoice:
    """A writer has taken it in; it counts as debt no longer. Heard twice is once."""
    require_writer(acting_user, voice.page.manual.product_id)
    with transaction.atomic():
        row = events.lock(PageVoice, voice.pk)
        if row.heard_at is None:
            events.change(
                row, "hear", actor_id=acting_user.pk, now=now,
                fields={"heard_at": now, "heard_by_id": acting_user.pk},
            )  # fmt: skip
    return row


def note_ticket_after_reading(
    person: User, product: Product, ticket_id: int, submitted_at: dt.datetime
) -> int:
    """Which pages of the product the person read within the hour before; safe to run twice."""
    reads = PageRead.objects.filter(
        user=person, page__manual__product=product,
        last_at__gt=submitted_at - AFTER_READING, last_at__lte=submitted_at,
    )  # fmt: skip
    rows = [
        TicketAfterReading(
            page_id=read.page_id, revision_id=read.revision_id, person=person,
            ticket_id=ticket_id, read_at=read.last_at, submitted_at=submitted_at,
        )
        for read in reads.order_by("-last_at")[:10]
    ]  # fmt: skip
    TicketAfterReading.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


# ---- the queue ----------------------------------------------------------------------------------


def take_debt(
    place: Place, seed: Seed, product: Product, *, acting_user: User, now: dt.datetime
) -> DebtItem:
    """The writer takes an item: the page to mend is opened, or a new draft is made from `seed`.

    Taken again by the same person it is the same draft. Raises DebtTaken, NotAllowed, BadInput.
    """
    require_writer(acting_user, product.pk)
    with transaction.atomic():
        item = _row(place, seed.title, product, acting_user, now)
        if item.taken_by_id not in (None, acting_user.pk) and not _is_done(item):
            _refuse_taken(item)
        if item.taken_by_id == acting_user.pk and item.draft_id and not _is_done(item):
            return item
        draft = _page_of(place) or _draft_of(item) or _new_page(seed, product, acting_user, now)
        events.change(
            item, "take", actor_id=acting_user.pk, now=now,
            fields={
                "taken_by_id": acting_user.pk, "taken_at": now, "draft_id": draft.pk,
                "product_id": product.pk, "settled_at": None, "settled_by_id": None,
                "outcome": "", "note": "",
            },
        )  # fmt: skip
    return item


def _row(
    place: Place, title: str, product: Product | None, acting_user: User, now: dt.datetime
) -> DebtItem:
    """The item's row, locked; made when nobody touched it before."""
    known = DebtItem.objects.filter(key=place.key).first()
    if known is None:
        row = DebtItem(key=place.key, product=product, title=title[:200])
        try:
            with transaction.atomic():
                events.create(row, "open", actor_id=acting_user.pk, now=now)
        except IntegrityError:  # two writers at once
            known = DebtItem.objects.get(key=place.key)
        else:
            return row
    return events.lock(DebtItem, known.pk)


def _is_done(item: DebtItem) -> bool:
    if item.settled_at is not None:
        return True
    revision = item.draft.published_revision if item.draft is not None else None
    published = revision.published_at if revision is not None else None
    return published is not None and item.taken_at is not None and published > item.taken_at


def _refuse_taken(item: DebtItem) -> None:
    name = item.taken_by.name if item.taken_by is not None else ""
    raise DebtTaken(
        Problem(
            "taken_by", _("%(name)s has taken this already.") % {"name": name},
            _("Ask them to give it back, or take another one."), name,
        )
    )  # fmt: skip


def _page_of(place: Place) -> Page | None:
    return Page.objects.get(pk=place.page_id) if place.page_id is not None else None


def _draft_of(item: DebtItem) -> Page | None:
    """What was begun for it before, by whomever: nobody begins a second one beside it."""
    page = item.draft
    return page if page is not None and page.status != PageStatus.RETIRED else None


def _new_page(seed: Seed, product: Product, acting_user: User, now: dt.datetime) -> Page:
    roles = list(ProductRole.objects.filter(pk__in=seed.role_ids, product=product))
    module = Module.objects.filter(pk=seed.module_id or 0, product=product).first()
    return create_page(
        PageDraft(
            product=product, title=seed.title.strip()[:TITLE_MAX], body=seed.body, roles=roles,
            slug=seed.slug, module=module, kind=seed.kind or PageKind.FEATURE_GUIDE,
            position=latest_position(product),
        ),
        acting_user=acting_user, now=now,
    )  # fmt: skip


def draft_from_answer(
    ticket_id: int, seed: Seed, product: Product, *, acting_user: User, now: dt.datetime
) -> Page:
    """A draft page from the answer of one ticket; asked twice it is the same draft."""
    item = take_debt(
        Place(product.pk, ticket_id=ticket_id), seed, product, acting_user=acting_user, now=now
    )
    draft = item.draft
    assert draft is not None  # noqa: S101  (taken just now)
    return draft


def give_back_debt(item: DebtItem, *, acting_user: User, now: dt.datetime) -> DebtItem:
    """Others may take it again; the draft stays and is gone on with."""
    require_writer(acting_user, item.product_id or 0)
    with transaction.atomic():
        row = events.lock(DebtItem, item.pk)
        if row.taken_by_id is not None:
            events.change(
                row, "give_back", actor_id=acting_user.pk, now=now,
                fields={"taken_by_id": None, "taken_at": None},
            )  # fmt: skip
    return row


def settle_debt(
    place: Place,
    title: str,
    product: Product,
    outcome: str,
    note: str = "",
    *,
    acting_user: User,
    now: dt.datetime,
) -> DebtItem:
    """Decide that nothing is to be written; what comes up later counts anew.

    Raises BadInput, NotAllowed, DebtTaken while another writer is at it.
    """
    require_writer(acting_user, product.pk)
    note = note.strip()
    if outcome not in DebtOutcome.values:
        raise BadInput(
            Problem(
                "outcome", _("There is no such way to end this."),
                ", ".join(str(label) for label in DebtOutcome.labels), outcome,
            )
        )  # fmt: skip
    if len(note) > NOTE_MAX:
        raise BadInput(
            Problem(
                "note", _("This text is too long."),
                _("Shorten it; the limit is %(limit)s characters.") % {"limit": NOTE_MAX},
                str(len(note)),
            )
        )  # fmt: skip
    with transaction.atomic():
        item = _row(place, title, product, acting_user, now)
        if item.taken_by_id not in (None, acting_user.pk) and not _is_done(item):
            _refuse_taken(item)
        events.change(
            item, "settle", actor_id=acting_user.pk, now=now,
            fields={
                "settled_at": now, "settled_by_id": acting_user.pk, "outcome": outcome,
                "note": note, "product_id": product.pk,
            },
        )  # fmt: skip
    return item
