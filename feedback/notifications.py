"""How a round is told: one in-app notice per person and round, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from core.models import Notice
from core.registry import NoticeText
from feedback.choices import DemandStatus
from feedback.models import Demand

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


@dataclass(frozen=True)
class RoundNotice:
    """A notice about a demand; a person with a ticket of their own is led there."""

    title: Callable[[Mapping[str, Any]], str]
    body: Callable[[Mapping[str, Any]], str] = lambda params: params["title"]

    def text(self, notice: Notice) -> NoticeText:
        ticket_id = notice.params.get("ticket_id")
        url = (
            reverse("my_ticket", args=[ticket_id])
            if ticket_id
            else reverse("demand", args=[notice.params["demand_id"]])
        )
        return NoticeText(self.title(notice.params), self.body(notice.params), url)

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        return (
            isinstance(user, User)
            and Demand.objects.visible_to(user).filter(pk=params["demand_id"]).exists()
        )


def _decision(params: Mapping[str, Any]) -> str:
    return _("%(ref)s is now “%(status)s”") % {
        "ref": params["ref"],
        "status": DemandStatus(params["status"]).label,
    }


def _with_reason(params: Mapping[str, Any]) -> str:
    if params.get("reason"):
        return _("%(title)s – %(reason)s") % {
            "title": params["title"],
            "reason": params["reason"],
        }
    return str(params["title"])


def _date(params: Mapping[str, Any]) -> str:
    day = parse_date(params.get("planned_on") or "")
    return _("%(ref)s is now planned for %(date)s") % {
        "ref": params["ref"],
        "date": date_format(day, "SHORT_DATE_FORMAT") if day else "–",
    }


KINDS: dict[str, RoundNotice] = {
    "demand.decision": RoundNotice(_decision, _with_reason),
    "demand.date_change": RoundNotice(_date),
    "demand.release": RoundNotice(
        lambda p: _("%(ref)s is released: does it work now?") % {"ref": p["ref"]}
    ),
    "demand.rollback": RoundNotice(
        lambda p: _("%(ref)s was rolled back") % {"ref": p["ref"]}, _with_reason
    ),
}
