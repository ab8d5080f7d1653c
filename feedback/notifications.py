"""How a round is told: one in-app notice per person and round, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from catalog.access import rights_of
from core.models import Notice
from core.registry import NoticeGroup, NoticeText
from feedback.choices import DemandStatus
from feedback.models import Demand, DemandImport, FeedbackItem
from feedback.policies import may_steer

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


def _released(params: Mapping[str, Any]) -> str:
    """One question about one release, however many demands of the reader it carries.

    Who was asked something else this week is told, and finds the question on their help home.
    """
    if not params.get("asks", True):
        return _("%(ref)s is released; say whether it works when you like") % {"ref": params["ref"]}
    if params.get("also"):
        return _("Release %(release)s is live: does it work now?") % {
            "release": params.get("release", "")
        }
    return _("%(ref)s is released: does it work now?") % {"ref": params["ref"]}


def _all_titles(params: Mapping[str, Any]) -> str:
    titles = [params["title"], *(also["title"] for also in params.get("also", ()))]
    return " · ".join(titles)


def _moved(params: Mapping[str, Any]) -> str:
    return _("%(from)s goes on in %(ref)s") % {
        "from": params.get("from_ref", ""), "ref": params["ref"],
    }  # fmt: skip


def _where_it_stands(params: Mapping[str, Any]) -> str:
    return _("%(title)s – now “%(status)s”") % {
        "title": params["title"], "status": DemandStatus(params["status"]).label,
    }  # fmt: skip


@dataclass(frozen=True)
class RaisedNotice(RoundNotice):
    """For who steers a demand: it is overdue, or nobody has heard of it for long."""

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        demand = Demand.objects.filter(pk=params["demand_id"]).first()
        return isinstance(user, User) and demand is not None and may_steer(demand, user)


@dataclass(frozen=True)
class ImportNotice:
    """For who sent a spreadsheet: it is checked, imported, or cannot be read."""

    def text(self, notice: Notice) -> NoticeText:
        params = notice.params
        url = reverse("demand_import", args=[params["import_id"]])
        name = {"name": params["name"]}
        title = {
            "judged": _("“%(name)s” is checked: look before it is imported"),
            "done": _("“%(name)s” is imported"),
            "undone": _("“%(name)s” is taken back"),
        }.get(params["state"], _("“%(name)s” cannot be read")) % name
        refused = int(params["refused"])
        body = ngettext(
            "%(n)s row was refused", "%(n)s rows were refused", refused
        ) % {"n": refused} if refused else ""  # fmt: skip
        return NoticeText(title, body, url)

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        return DemandImport.objects.filter(pk=params["import_id"], by=user.pk).exists()


@dataclass(frozen=True)
class WordsNotice:
    """For who said something: no demand comes of it, and why."""

    def text(self, notice: Notice) -> NoticeText:
        params = notice.params
        return NoticeText(
            _("About what you said: “%(words)s”") % {"words": params["words"]},
            str(params["reason"]), reverse("my_feedback"),
        )  # fmt: skip

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        return FeedbackItem.objects.filter(pk=params["feedback_id"], person=user.pk).exists()


KINDS: dict[str, RoundNotice | ImportNotice | WordsNotice] = {
    "demand.decision": RoundNotice(_decision, _with_reason),
    "demand.date_change": RoundNotice(_date),
    "demand.release": RoundNotice(_released, _all_titles),
    "demand.reminder": RoundNotice(
        lambda p: _("%(ref)s is live since some days: does it work?") % {"ref": p["ref"]}
    ),
    "demand.moved": RoundNotice(_moved, _where_it_stands),
    "demand.progress": RoundNotice(
        lambda p: _("How %(ref)s stands") % {"ref": p["ref"]}, _with_reason
    ),
    "demand.overdue": RaisedNotice(
        lambda p: _("%(ref)s is overdue") % {"ref": p["ref"]}, _where_it_stands
    ),
    "demand.silent": RaisedNotice(
        lambda p: (
            _("%(ref)s: its people have heard nothing for %(days)s days")
            % {"ref": p["ref"], "days": p["days"]}
        ),
        _where_it_stands,
    ),
    "demand.rollback": RoundNotice(
        lambda p: _("%(ref)s was rolled back") % {"ref": p["ref"]}, _with_reason
    ),
    "demand.import": ImportNotice(),
    "feedback.set_aside": WordsNotice(),
}


def is_staff(user: AbstractBaseUser) -> bool:
    """Whoever steers demands: agents, managers and owners."""
    if not isinstance(user, User):
        return False
    rights = rights_of(user)
    return rights.is_agent or rights.is_manager or rights.is_owner


#: Obligations: the channel is the person's choice, never whether they hear.
NOTICE_GROUPS = (
    NoticeGroup(
        "demand-decision", gettext_lazy("What became of what I asked for"),
        gettext_lazy("A decision on a demand of yours, with its reason, or a new date."),
        ("demand.decision", "demand.date_change", "demand.moved", "demand.progress",
         "feedback.set_aside"),
        mail="now", chat="now", obligation=True,
    ),
    NoticeGroup(
        "demand-release", gettext_lazy("What I asked for is released"),
        gettext_lazy("With the question whether it works; also when it is rolled back."),
        ("demand.release", "demand.rollback", "demand.reminder"), mail="now", chat="now",
        obligation=True,
    ),
    NoticeGroup(
        "demand-raised", gettext_lazy("Demands I steer that wait too long"),
        gettext_lazy("A planned day has passed, or nobody has heard of it for long."),
        ("demand.overdue", "demand.silent"), mail="digest", concerns=is_staff,
    ),
    NoticeGroup(
        "demand-import", gettext_lazy("A spreadsheet of demands I sent"),
        gettext_lazy("It is checked, imported, or cannot be read."),
        ("demand.import",), concerns=is_staff,
    ),
)  # fmt: skip
