"""How people are told of announcements and of what readers say: inbox, mail, chat as chosen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.access import rights_of
from core.models import Notice
from core.registry import NoticeGroup, NoticeKind, NoticeText
from core.text import excerpt
from docs_portal.access import my_must_reads, recipient_of
from docs_portal.models import Announcement, Page, PageVoice
from docs_portal.policies import may_write
from docs_portal.rendering.review_notices import REVIEW_GROUPS, REVIEW_KINDS

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


@dataclass(frozen=True)
class AnnouncementNotice:
    """Notices about an announcement lead to its page; who left its audience hears no more."""

    title: Callable[[Mapping[str, Any]], str]

    def text(self, notice: Notice) -> NoticeText:
        params = notice.params
        row = Announcement.objects.filter(pk=params["announcement"]).only("what").first()
        return NoticeText(
            title=self.title(params),
            body=excerpt(row.what) if row is not None else "",
            url=reverse("announcement", args=[params["announcement"]]),
            about=params["title"],
        )

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        if not isinstance(user, User):
            return False
        mine = recipient_of(user, timezone.localdate())
        return (
            Announcement.objects.published()
            .for_person(mine)
            .filter(pk=params["announcement"])
            .exists()
        )


@dataclass(frozen=True)
class VoiceNotice:
    """A reader's word on a page leads to all that was said of it; who writes no more hears none."""

    def text(self, notice: Notice) -> NoticeText:
        params = notice.params
        voice = PageVoice.objects.select_related("person").filter(pk=params["voice"]).first()
        said = "" if voice is None else str(voice.get_reason_display())
        words = "" if voice is None else voice.comment
        title = _("“%(title)s” did not help somebody") % {"title": params["title"]}
        if voice is not None and voice.is_helpful:
            title = _("A reader wrote about “%(title)s”") % {"title": params["title"]}
        return NoticeText(
            title=title,
            body=excerpt(" · ".join(filter(None, (said, words)))),
            url=reverse("page_voices", args=[params["page"]]),
            about=params["title"],
        )

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        page = Page.objects.select_related("manual").filter(pk=params["page"]).first()
        return (
            isinstance(user, User) and page is not None and may_write(user, page.manual.product_id)
        )


@dataclass(frozen=True)
class MustReadNotice:
    """Notices about a must-read lead to its page; who cannot read it any more, or was asked no
    more, hears nothing.
    """

    title: Callable[[Mapping[str, Any]], str]

    def text(self, notice: Notice) -> NoticeText:
        params = notice.params
        page = Page.objects.select_related("manual__product").get(pk=params["page"])
        due_on = dt.date.fromisoformat(params["due_on"])
        return NoticeText(
            title=self.title(params),
            body=_("Please read it and acknowledge by %(day)s.")
            % {"day": date_format(due_on, "SHORT_DATE_FORMAT")},
            url=f"{reverse('page', args=[page.manual.product.code, page.slug])}?page={page.pk}",
            about=params["title"],
        )

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        if not isinstance(user, User):
            return False
        day = timezone.localdate()
        rounds = my_must_reads(user, day).not_answered_by(user)
        return rounds.filter(must_read__page_id=params["page"]).exists()


def _writes(user: AbstractBaseUser) -> bool:
    return isinstance(user, User) and rights_of(user).is_agent


KINDS: dict[str, NoticeKind] = {
    **REVIEW_KINDS,
    "must_read.asked": MustReadNotice(lambda p: _("Must-read: %(title)s") % {"title": p["title"]}),
    "must_read.reminded": MustReadNotice(
        lambda p: _("Not acknowledged yet: %(title)s") % {"title": p["title"]}
    ),
    "page.voice": VoiceNotice(),
    "announcement.published": AnnouncementNotice(
        lambda p: _("New: %(title)s") % {"title": p["title"]}
    ),
    "announcement.reminded": AnnouncementNotice(
        lambda p: _("Please read: %(title)s") % {"title": p["title"]}
    ),
}
GROUPS = (
    *REVIEW_GROUPS,
    NoticeGroup(
        "must_reads", gettext_lazy("Must-reads"),
        gettext_lazy("A page you are asked to read and acknowledge, and reminders of it."),
        ("must_read.asked", "must_read.reminded"), mail="now", chat="now",
    ),
    NoticeGroup(
        "page_voices", gettext_lazy("Readers of my pages"),
        gettext_lazy("A page of yours did not help somebody, or they wrote about it."),
        ("page.voice",), mail="digest", concerns=_writes,
    ),
    NoticeGroup(
        "announcements", gettext_lazy("Announcements"),
        gettext_lazy("What is new in the products you use."), ("announcement.published",),
        mail="digest",
    ),
    NoticeGroup(
        "announcement_reminders", gettext_lazy("Reminders of announcements"),
        gettext_lazy("Somebody asks you to read or acknowledge one."), ("announcement.reminded",),
        mail="now", chat="now",
    ),
)  # fmt: skip
