"""Review before publishing: a named person is asked, answers with a comment, and may publish."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events, outbox
from core.changes import checked_text
from core.errors import BadInput, NotAllowed, Problem
from docs_portal.access import may_review, reviewers_of
from docs_portal.actions.rights import require_writer
from docs_portal.actions.writing import latest, publish_page
from docs_portal.choices import PageStatus, ReviewRule, ReviewState
from docs_portal.errors import NothingToPublish, ReviewMoved, ReviewOver
from docs_portal.models import Manual, Page, Review, WritingRules

WORDS_MAX, COMMENT_MAX = 500, 4000


def set_writing_rules(
    manual: Manual, review: str, *, acting_user: User, now: dt.datetime
) -> WritingRules:
    """Which publications of the manual need a review. Raises BadInput, NotAllowed."""
    require_writer(acting_user, manual.product_id)
    if review not in ReviewRule.values:
        raise BadInput(
            Problem("review", _("This value is not one of the choices."),
                    ", ".join(ReviewRule.values), review)
        )  # fmt: skip
    with transaction.atomic():
        # Two who choose at once wait for each other at the manual's row.
        Manual.objects.select_for_update(of=("self",)).get(pk=manual.pk)
        known = WritingRules.objects.filter(manual=manual).first()
        if known is None:
            rules = WritingRules(manual=manual, review=review)
            events.create(rules, "create", actor_id=acting_user.pk, now=now)
            return rules
        rules = events.lock(WritingRules, known.pk)
        if rules.review != review:
            events.change(
                rules, "edit", actor_id=acting_user.pk, now=now, fields={"review": review}
            )
    return rules


def ask_review(
    page: Page, reviewer: User, words: str = "", *, acting_user: User, now: dt.datetime
) -> Review:
    """Ask `reviewer` whether the newest revision may be published; an open review is replaced.

    Raises BadInput, NotAllowed, NothingToPublish.
    """
    require_writer(acting_user, page.manual.product_id)
    if len(words.strip()) > WORDS_MAX:
        raise BadInput(
            Problem("words", _("This text is too long."),
                    _("Shorten it; the limit is %(limit)s characters.") % {"limit": WORDS_MAX},
                    str(len(words)))
        )  # fmt: skip
    if reviewer.pk == acting_user.pk or not reviewers_of(page).filter(pk=reviewer.pk).exists():
        raise BadInput(
            Problem(
                "reviewer", _("%(name)s cannot review this page.") % {"name": reviewer.name},
                _("Name another writer of this manual, or the module's owner."),
                reviewer.username,
            )
        )  # fmt: skip
    with transaction.atomic():
        row = events.lock(Page, page.pk)
        newest = latest(row)
        if row.status == PageStatus.PUBLISHED and row.published_revision_id == newest.pk:
            raise NothingToPublish(
                Problem("body", _("The newest revision is published already."),
                        _("Change the text first."), str(newest.number))
            )  # fmt: skip
        row.reviews.filter(state=ReviewState.WAITING).update(
            state=ReviewState.WITHDRAWN, decided_at=now
        )
        review = Review.objects.create(
            page=row, revision=newest, reviewer=reviewer, asked_by=acting_user, asked_at=now,
            words=words.strip(),
        )  # fmt: skip
        _record(row, "ask_review", review, acting_user, now, PageStatus.IN_REVIEW)
        outbox.notify(
            reviewer.pk, "page.review_asked", _params(review, acting_user),
            key=f"review:{review.pk}:asked", now=now, subject="page", subject_id=row.pk,
        )  # fmt: skip
    return review


def approve_review(
    review: Review, comment: str = "", *, seen_revision: int, publish: bool = False,
    acting_user: User, now: dt.datetime,
) -> Review:  # fmt: skip
    """The text may be published; with `publish` it is, by a reviewer who writes this manual.

    `seen_revision` is the number the reviewer had before them. Raises BadInput, NotAllowed,
    ReviewMoved, ReviewOver and what `publish_page` refuses.
    """
    with transaction.atomic():
        row, answered = _answered(
            review, ReviewState.APPROVED, comment, seen_revision, acting_user, now
        )
        _record(row, "approve", answered, acting_user, now, None)
        _tell(answered, "page.review_approved", acting_user, now)
        if publish:
            publish_page(row, acting_user=acting_user, now=now)
    return answered


def return_review(
    review: Review, comment: str, *, seen_revision: int, acting_user: User, now: dt.datetime
) -> Review:
    """Ask for changes, saying which. Raises BadInput, NotAllowed, ReviewMoved, ReviewOver."""
    comment = checked_text("comment", comment, maximum=COMMENT_MAX)
    with transaction.atomic():
        row, answered = _answered(
            review, ReviewState.RETURNED, comment, seen_revision, acting_user, now
        )
        _record(row, "return", answered, acting_user, now, PageStatus.DRAFT)
        _tell(answered, "page.review_returned", acting_user, now)
    return answered


def withdraw_review(review: Review, *, acting_user: User, now: dt.datetime) -> Review:
    """Take the question back. Raises NotAllowed, ReviewOver."""
    require_writer(acting_user, review.page.manual.product_id)
    with transaction.atomic():
        row = events.lock(Page, review.page_id)
        open_one = _open(review)
        open_one.state, open_one.decided_at = ReviewState.WITHDRAWN, now
        open_one.save(update_fields=["state", "decided_at"])
        _record(row, "withdraw_review", open_one, acting_user, now, PageStatus.DRAFT)
        outbox.withdraw(f"review:{review.pk}:asked", now=now)
    return open_one


def _open(review: Review) -> Review:
    row = Review.objects.select_related("revision", "page").get(pk=review.pk)
    if row.state != ReviewState.WAITING:
        raise ReviewOver(
            Problem("", _("This review is over: %(state)s.") % {"state": row.get_state_display()},
                    _("Ask for a new one."), row.state)
        )  # fmt: skip
    return row


def _answered(
    review: Review, state: str, comment: str, seen: int, user: User, now: dt.datetime
) -> tuple[Page, Review]:
    row = events.lock(Page, review.page_id)
    open_one = _open(review)
    if open_one.reviewer_id != user.pk or not may_review(user, row):
        raise NotAllowed(
            Problem("", _("This review was asked of somebody else."),
                    _("Ask for one of your own, or let them answer."))
        )  # fmt: skip
    if open_one.revision.number != seen:
        raise ReviewMoved(
            Problem("seen", _("The text was changed after you opened it."),
                    _("Look at revision %(number)s, then answer.")
                    % {"number": open_one.revision.number}, str(seen))
        )  # fmt: skip
    if len(comment) > COMMENT_MAX:
        checked_text("comment", comment, maximum=COMMENT_MAX)
    open_one.state, open_one.comment, open_one.decided_at = state, comment.strip(), now
    open_one.save(update_fields=["state", "comment", "decided_at"])
    outbox.withdraw(f"review:{review.pk}:asked", now=now)
    return row, open_one


def _record(
    page: Page, verb: str, review: Review, user: User, now: dt.datetime, status: str | None
) -> None:
    """One event of the page; a page its readers have already stays published."""
    fields: dict[str, Any] = {}
    if status is not None and page.status in (PageStatus.DRAFT, PageStatus.IN_REVIEW):
        fields["status"] = status
    events.change(
        page, verb, actor_id=user.pk, now=now, fields=fields,
        data={"review": review.pk, "revision": review.revision.number,
              "reviewer": review.reviewer_id},
    )  # fmt: skip


def _params(review: Review, by: User) -> dict[str, Any]:
    return {
        "review": review.pk, "page": review.page_id, "title": review.revision.title,
        "name": by.name,
    }  # fmt: skip


def _tell(review: Review, kind: str, by: User, now: dt.datetime) -> None:
    """Who asked, and who wrote the text, unless they answered themselves."""
    for person in {review.asked_by_id, review.revision.author_id} - {by.pk}:
        outbox.notify(
            person, kind, _params(review, by), key=f"review:{review.pk}:answered", now=now,
            subject="page", subject_id=review.page_id,
        )  # fmt: skip
