"""The rows of the preferences that are about tickets and causes, with what is told of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import rights_of
from core.registry import NoticeGroup

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


def is_staff(user: AbstractBaseUser) -> bool:
    return isinstance(user, User) and rights_of(user).is_staff


def is_owner(user: AbstractBaseUser) -> bool:
    return isinstance(user, User) and (rights_of(user).is_owner or rights_of(user).is_staff)


NOTICE_GROUPS = (
    NoticeGroup(
        "ticket-state", _("My ticket moves on"),
        _("Its status changes, as you read it on its page."),
        (
            "ticket.status", "ticket.undone", "ticket.split", "ticket.closing", "same_here.asked",
        ),
        mail="now", chat="now",
        order=1,
    ),
    NoticeGroup(
        "ticket-reply", _("Somebody writes to me"),
        _("A reply on a ticket of yours, or a workaround for it."),
        ("ticket.reply", "cause.known_issue", "same_here.added", "same_here.told"),
        mail="now", chat="now",
        order=1,
    ),
    NoticeGroup(
        "ticket-promise", _("A promised date moves"),
        _("The day by which a ticket of yours is to be solved is named or changed."),
        ("ticket.promised",), mail="now", chat="now",
        order=1,
    ),
    NoticeGroup(
        "ticket-mention", _("Somebody names me"),
        _("A colleague mentions you, or a rule points you to a ticket."),
        ("ticket.mentioned", "ticket.told"), mail="digest", chat="now",
        order=3,
    ),
    NoticeGroup(
        "ticket-mine", _("A ticket comes to me"),
        _("It is assigned to you, relayed to your team, returned or reopened."),
        ("ticket.assigned", "ticket.relayed", "ticket.returned", "ticket.reopened"),
        mail="digest", chat="now", concerns=is_owner,
        order=3,
    ),
    NoticeGroup(
        "ticket-held", _("News on tickets I hold"),
        _("Notes of colleagues, confirmations, the end of a long run."),
        ("ticket.note", "ticket.confirmed", "ticket.rated", "bulk.finished"), concerns=is_staff,
        order=3,
    ),
    NoticeGroup(
        "ticket-clock", _("A service target comes near or is over"),
        _("First response or resolution is due soon, or overdue."),
        (
            "ticket.sla_warned", "ticket.sla_breached", "tickets.sla_warned",
            "tickets.sla_breached",
        ),
        chat="now", concerns=is_staff,
        order=3,
    ),
    NoticeGroup(
        "ticket-escalated", _("A target is over and nobody moved"),
        _("Comes at once, at any hour."),
        ("ticket.sla_escalated", "tickets.sla_escalated"),
        mail="now", chat="now", urgent=True, concerns=is_staff,
        order=3,
    ),
    NoticeGroup(
        "cause-mine", _("What is pushed to me"),
        _("A cause that waits for you, and its reminders: at most one message a day and cause."),
        ("cause.pushed", "cause.chased", "cause.silent", "cause.due_soon", "cause.overdue"),
        mail="now", chat="now", obligation=True, messages=("cause.owner_message",),
        concerns=is_owner,
        order=3,
    ),
    NoticeGroup(
        "cause-news", _("News on causes I pushed"),
        _("Its owner accepted, declined, delivered or moved the date."),
        ("cause.accepted", "cause.declined", "cause.slipped", "cause.delivered"),
        mail="digest", chat="now", concerns=is_staff,
        order=3,
    ),
    NoticeGroup(
        "cause-decide", _("What I have to decide"),
        _("A cause bounced three times, an owner gives no word, a rule paused itself."),
        ("cause.bounced", "cause.no_word", "rule.paused"),
        mail="now", chat="now", concerns=is_staff,
        order=3,
    ),
)  # fmt: skip
