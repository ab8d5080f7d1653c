"""What reports tell people, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.models import Notice
from core.registry import NoticeGroup, NoticeKind, NoticeText
from reports.access import get_snapshot, scope_of
from reports.models import AgreedAction
from reports.policies.periods import period_named
from reports.rendering.agreed import conclusion_of
from reports.rendering.conclusion import drafted
from reports.rendering.headlines import headlines_line
from reports.rendering.periods import title_of
from reports.rendering.sheet import sheet_of

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


class ReadyNotice:
    """The newest report, in figures of what the reader may see, worded when it leaves."""

    def text(self, notice: Notice) -> NoticeText:
        period = period_named(notice.params["period"])
        url = reverse("weekly_report", args=[period.name])
        snapshot = get_snapshot(period)
        if snapshot is None:
            return NoticeText(title_of(period), "", url)
        sheet = sheet_of(snapshot, scope_of(notice.recipient))
        # Who reads all gets what a person wrote over it, as on the page; else the draft.
        edited = "" if sheet.scope else conclusion_of(snapshot)
        concluded = edited or "\n".join(strip_tags(sentence) for sentence in drafted(sheet))
        parts = [headlines_line(sheet), concluded]
        if sheet.scope:
            parts.insert(0, _("Only %(names)s") % {"names": ", ".join(sheet.scope)})
        title = title_of(period)
        if sheet.corrects is not None:
            title = _("Corrected: %(title)s") % {"title": title}
        return NoticeText(title, "\n\n".join(parts), url)

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        return isinstance(user, User) and _reads(user)


class FailedNotice:
    """A report could not be made or sent, or an outlook not be reckoned."""

    def text(self, notice: Notice) -> NoticeText:
        period = period_named(notice.params["period"])
        if notice.params["stage"] == "ahead":
            title = _("What follows from week %(week)s could not be reckoned")
            body = _(
                "No forecast, spike or risk of this week is shown until it is; it is tried again"
                " every quarter of an hour."
            )
            return NoticeText(title % {"week": period.name}, body, reverse("ahead"))
        if notice.params["stage"] == "send":
            title = _("“%(title)s” could not be delivered to everybody")
            body = _("The delivery log below the report says to whom and by which channel.")
        else:
            title = _("“%(title)s” could not be computed")
            body = _("It is tried again every ten minutes; nothing is sent until it is there.")
        url = reverse("weekly_report", args=[period.name])
        return NoticeText(title % {"title": title_of(period)}, body, url)

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        return isinstance(user, User)


def _reads(user: User) -> bool:
    try:
        scope_of(user)
    except PermissionDenied:
        return False
    return True


KINDS: dict[str, NoticeKind] = {
    "report.action": ActionNotice(),
    "report.ready": ReadyNotice(),
    "report.failed": FailedNotice(),
}

NOTICE_GROUPS = (
    NoticeGroup(
        "report-action", gettext_lazy("What was agreed for me"),
        gettext_lazy("An action of a weekly report, with its day."),
        ("report.action",), mail="now",
    ),
    NoticeGroup(
        "report-ready", gettext_lazy("Reports I subscribed to"),
        gettext_lazy("Each new report, with its figures in short."),
        ("report.ready",), mail="now", chat="now",
    ),
    NoticeGroup(
        "report-failed", gettext_lazy("Reports that failed"),
        gettext_lazy(
            "A report or forecast could not be computed, or not be delivered to a subscriber."
        ),
        ("report.failed",), mail="now",
    ),
)  # fmt: skip
