"""What reports tell people, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.models import Notice
from core.registry import NoticeGroup, NoticeText
from reports.models import AgreedAction

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class ActionNotice:
    """An action of the weekly report was agreed for the person."""

    def text(self, notice: Notice) -> NoticeText:
        day = parse_date(notice.params["due_on"])
        title = _("Agreed for you by %(day)s: %(text)s") % {
            "day": date_format(day, "SHORT_DATE_FORMAT") if day else "–",
            "text": notice.params["text"],
        }
        body = _("From the report of week %(week)s") % {"week": notice.params["week"]}
        return NoticeText(title, body, reverse("action_end", args=[notice.subject_id]))

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        return (
            isinstance(user, User)
            and AgreedAction.objects.filter(owner=user, text=params["text"]).exists()
        )


KINDS = {"report.action": ActionNotice()}

NOTICE_GROUPS = (
    NoticeGroup(
        "report-action", gettext_lazy("What was agreed for me"),
        gettext_lazy("An action of a weekly report, with its day."),
        ("report.action",), mail="now",
    ),
)  # fmt: skip
