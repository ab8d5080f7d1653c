"""How people are told about training: what they are to take, and changes of their sessions."""

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
from core.models import Notice
from core.registry import NoticeGroup, NoticeText
from docs_portal.access import recipient_of
from docs_portal.models import Course

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

Params = Mapping[str, Any]


@dataclass(frozen=True)
class TrainingNotice:
    """Leads to the course; who may not see it any more hears no more."""

    title: Callable[[Params], str]
    body: Callable[[Params], str]

    def text(self, notice: Notice) -> NoticeText:
        return NoticeText(
            title=self.title(notice.params), body=self.body(notice.params),
            url=reverse("course", args=[notice.params["course"]]), about=notice.params["title"],
        )  # fmt: skip

    def may_receive(self, user: AbstractBaseUser, params: Params) -> bool:
        if not isinstance(user, User):
            return False
        seen = Course.objects.visible_to(user, recipient_of(user, timezone.localdate()))
        return seen.published().filter(pk=params["course"]).exists()


def _due(params: Params) -> str:
    if not params.get("due_on"):
        return ""
    day = dt.date.fromisoformat(params["due_on"])
    return _("Please complete it by %(day)s.") % {"day": date_format(day, "SHORT_DATE_FORMAT")}


def _when(params: Params) -> str:
    begins = timezone.localtime(dt.datetime.fromisoformat(params["starts_at"]))
    time = date_format(begins, "SHORT_DATETIME_FORMAT")
    if params.get("place"):
        return _("%(time)s, %(place)s") % {"time": time, "place": params["place"]}
    return time


TRAINING_KINDS = {
    "training.assigned": TrainingNotice(
        lambda p: _("A course for you: %(title)s") % {"title": p["title"]}, _due
    ),
    "training.renewed": TrainingNotice(
        lambda p: _("Its content changed, please take it again: %(title)s") % {"title": p["title"]},
        _due,
    ),
    "training.reminded": TrainingNotice(
        lambda p: _("Please complete the course: %(title)s") % {"title": p["title"]}, _due
    ),
    "training.session_seat": TrainingNotice(
        lambda p: _("You have a seat now: %(title)s") % {"title": p["title"]}, _when
    ),
    "training.session_moved": TrainingNotice(
        lambda p: _("Your session was moved: %(title)s") % {"title": p["title"]}, _when
    ),
    "training.session_cancelled": TrainingNotice(
        lambda p: _("Your session is cancelled: %(title)s") % {"title": p["title"]}, _when
    ),
    "training.session_tomorrow": TrainingNotice(
        lambda p: _("Your session is near: %(title)s") % {"title": p["title"]}, _when
    ),
}
TRAINING_GROUPS = (
    NoticeGroup(
        "training", gettext_lazy("Training"),
        gettext_lazy("Courses you are asked to take, reminders, and changes of your sessions."),
        tuple(TRAINING_KINDS), mail="now", chat="now",
    ),
)  # fmt: skip
