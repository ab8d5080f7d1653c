"""What a person who said "same here" is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.models import Notice
from core.registry import NoticeText
from tickets.models import SameHere

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


@dataclass(frozen=True)
class SameHereNotice:
    """Leads to the page where the person sees how it stands, and answers."""

    title: Callable[[Mapping[str, Any]], str]
    body: Callable[[Mapping[str, Any]], str]

    def text(self, notice: Notice) -> NoticeText:
        return NoticeText(
            title=self.title(notice.params),
            body=self.body(notice.params),
            url=reverse("my_same_here", args=[notice.params["same_here"]]),
        )

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        return SameHere.objects.filter(pk=params["same_here"], person_id=user.pk).exists()


def _told(params: Mapping[str, Any]) -> str:
    day = parse_date(params.get("promised_on") or "")
    if day is not None:
        return _("Expected to be fixed on %(day)s.") % {
            "day": date_format(day, "SHORT_DATE_FORMAT")
        }
    return str(params.get("workaround") or params["title"])


SAME_HERE_KINDS = {
    "same_here.added": SameHereNotice(
        lambda p: _("You were added to a known issue: “%(title)s”") % {"title": p["title"]},
        lambda p: _("You are told when it is fixed."),
    ),
    "same_here.told": SameHereNotice(
        lambda p: _("News on “%(title)s”") % {"title": p["title"]}, _told
    ),
    "same_here.asked": SameHereNotice(
        lambda p: _("“%(title)s” is fixed. Does it work for you?") % {"title": p["title"]},
        lambda p: _("Say that it works, or what happens instead."),
    ),
}
