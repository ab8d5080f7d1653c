"""How people are told of an announcement: in the inbox, by mail and chat as they chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.models import Notice
from core.registry import NoticeGroup, NoticeText
from core.text import excerpt
from docs_portal.access import recipient_of
from docs_portal.models import Announcement

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


KINDS = {
    "announcement.published": AnnouncementNotice(
        lambda p: _("New: %(title)s") % {"title": p["title"]}
    ),
    "announcement.reminded": AnnouncementNotice(
        lambda p: _("Please read: %(title)s") % {"title": p["title"]}
    ),
}
GROUPS = (
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
