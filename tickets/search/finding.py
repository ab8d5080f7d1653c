"""Tickets and causes in the search of the house, and the desk's commands."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.access import rights_of
from core.registry import Command, Suggestion
from core.searchkey import terms
from tickets.choices import CauseState, Status
from tickets.models import Cause, Ticket
from tickets.querysets import CauseQuerySet
from tickets.search.pages import Wanted, page_of
from tickets.search.queues import QUEUES

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

_TICKET = re.compile(r"^(?:ops-?)?(\d{1,18})$", re.IGNORECASE)
_CAUSE = re.compile(r"^c-?(\d{1,18})$", re.IGNORECASE)


class TicketSearch:
    """A ticket by its reference, and tickets by words, the newest first."""

    name = "tickets"

    def label(self) -> str:
        return _("Tickets")

    def search(self, user: AbstractBaseUser, query: str, limit: int) -> list[Suggestion]:
        if not isinstance(user, User):
            return []
        visible = Ticket.objects.visible_to(user)
        by_words = [
            _ticket(row.pk, row.title, row.status, row.product)
            for row in page_of(visible, Wanted(query=query, size=limit)).rows
        ]
        named = _TICKET.match(query.strip())
        if named is None:
            return by_words
        row = visible.select_related("product").filter(pk=int(named[1])).first()
        if row is None:
            return by_words
        first = _ticket(row.pk, row.title, row.status, str(row.product))
        return [first, *(found for found in by_words if found.url != first.url)][:limit]


def _ticket(pk: int, title: str, status: str, product: str) -> Suggestion:
    # Who reads no notes is led on from there to their own page of the ticket.
    ref = f"OPS-{pk}"
    return Suggestion(
        kind="ticket", title=title, url=reverse("ticket", args=[pk]), ref=ref,
        detail=f"{ref} · {Status(status).label} · {product}",
    )  # fmt: skip


class CauseSearch:
    """Causes by reference or words, the newest first."""

    name = "causes"

    def label(self) -> str:
        return _("Causes")

    def search(self, user: AbstractBaseUser, query: str, limit: int) -> list[Suggestion]:
        if not isinstance(user, User):
            return []
        found = Cause.objects.visible_to(user).select_related("product")
        if named := _CAUSE.match(query.strip()):
            found = found.filter(pk=int(named[1]))
        else:
            found = _with_words(found, query)
        return [
            Suggestion(
                kind="cause", title=cause.title, url=reverse("cause", args=[cause.pk]),
                ref=cause.ref,
                detail=f"{cause.ref} · {CauseState(cause.state).label} · {cause.product}",
            )
            for cause in found.order_by("-pk")[:limit]
        ]  # fmt: skip


def _with_words(causes: CauseQuerySet, query: str) -> CauseQuerySet:
    for term in terms(query):
        causes = causes.filter(search_key__contains=term.needle)
    return causes


class QueueCommands:
    """The queues of the desk, and what is done from anywhere on it."""

    name = "queues"

    def label(self) -> str:
        return _("Queues of the desk")

    def commands(self, user: AbstractBaseUser, now: dt.datetime) -> list[Command]:
        if not isinstance(user, User) or not rights_of(user).is_staff:
            return []
        desk = reverse("desk")
        queues = [
            Command(
                str(queue.label), f"{desk}?queue={queue.key}",
                f"{queue.key} L{queue.level}" if queue.level else queue.key,
                queue.icon or "ticket",
            )
            for queue in QUEUES.values()
        ]  # fmt: skip
        words = "self-service figures hold-out 自助解决 自助解决率 场次"
        queues.append(Command(_("Self-service"), reverse("self_service"), words, "gauge"))
        if not rights_of(user).is_agent:
            return queues
        words = "missing pages debt not helpful searches 待补文档 缺文档 手册"
        queues.append(Command(_("Manual debt"), reverse("manual_debt"), words, "book"))
        words = "chat log paste WeCom DingTalk Feishu 聊天记录 粘贴 群消息"
        paste = Command(_("Paste a chat log"), reverse("chat_log"), words, "chat", "chat_log")
        words = "incoming mail chat held failed 来件 邮件 待处理"
        incoming = Command(_("Incoming"), reverse("incoming"), words, "inbox")
        return [paste, incoming, *queues]
