"""Bulk runs in words: what they do, how far they are, what was refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core.models import Notice
from core.registry import NoticeText
from tickets.models import BulkRun
from tickets.rendering.acts import act_said

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


def run_said(run: BulkRun) -> str:
    """What a run does: “Assign to 周敏”, or what it takes back."""
    if run.undo_of is not None:
        return _("Undo: %(act)s") % {"act": run_said(run.undo_of)}
    return act_said(run.act["verb"], run.act["params"])


def why(problems: Iterable[Mapping[str, Any]]) -> str:
    """The refusal of one ticket as one line."""
    return " ".join(f"{p['message']} {p['remedy']}".strip() for p in problems)


class BulkNotice:
    """The end of a long run leads to its page; only who started it is told."""

    def text(self, notice: Notice) -> NoticeText:
        params = notice.params
        if params["refused"]:
            title = _("Bulk run over: %(done)s of %(total)s done, %(refused)s not") % params
        else:
            title = _("Bulk run over: %(done)s of %(total)s done") % params
        return NoticeText(title=title, body="", url=reverse("bulk_run", args=[params["run_id"]]))

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        return (
            isinstance(user, User) and BulkRun.objects.of(user).filter(pk=params["run_id"]).exists()
        )
