"""How people are told of reviews: that they are asked for one, and what was answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.access import rights_of
from core.models import Notice
from core.registry import NoticeGroup, NoticeText
from core.text import excerpt
from docs_portal.access import may_review
from docs_portal.choices import ReviewState
from docs_portal.models import Review
from docs_portal.policies import may_write

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


@dataclass(frozen=True)
class ReviewNotice:
    """Notices about a review lead to it. The reviewer hears of it while it is open, its writers
    of the answer while they write the manual.
    """

    title: Callable[[Mapping[str, Any]], str]
    is_question: bool = False

    def text(self, notice: Notice) -> NoticeText:
        params = notice.params
        review = Review.objects.filter(pk=params["review"]).only("words", "comment").first()
        words = "" if review is None else review.words if self.is_question else review.comment
        return NoticeText(
            title=self.title(params),
            body=excerpt(words),
            url=reverse("review", args=[params["review"]]),
            about=params["title"],
        )

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        reviews = Review.objects.select_related("page__manual", "page__module")
        review = reviews.filter(pk=params["review"]).first()
        if review is None or not isinstance(user, User):
            return False
        if self.is_question:
            is_open = review.state == ReviewState.WAITING and review.reviewer_id == user.pk
            return is_open and may_review(user, review.page)
        return may_write(user, review.page.manual.product_id)


REVIEW_KINDS = {
    "page.review_asked": ReviewNotice(
        lambda p: _("%(name)s asks you to review “%(title)s”") % p, is_question=True
    ),
    "page.review_approved": ReviewNotice(lambda p: _("%(name)s approved “%(title)s”") % p),
    "page.review_returned": ReviewNotice(
        lambda p: _("%(name)s asks for changes in “%(title)s”") % p
    ),
}


def _writes(user: AbstractBaseUser) -> bool:
    return isinstance(user, User) and rights_of(user).is_agent


REVIEW_GROUPS = (
    NoticeGroup(
        "page_reviews_asked", gettext_lazy("Reviews asked of me"),
        gettext_lazy("A colleague asks you to look at a page before it is published."),
        ("page.review_asked",), mail="now", chat="now",
    ),
    NoticeGroup(
        "page_reviews_answered", gettext_lazy("Answers to my reviews"),
        gettext_lazy("A page you wrote was approved, or somebody asks for changes."),
        ("page.review_approved", "page.review_returned"), mail="digest", concerns=_writes,
    ),
)  # fmt: skip
