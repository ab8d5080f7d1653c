"""What mail in offers the rest of the house by name; called once when the app is ready."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.channels.references import signed
from core.registry import (
    SettingsPlace,
    register_job,
    register_message,
    register_reply_address,
    register_settings,
)
from tickets.actions.mailboxes import TRY
from tickets.choices import Channel
from tickets.incoming.mail import reading, saying
from tickets.incoming.mail.handling import HANDLE, handle_mail
from tickets.incoming.waiting import register_handler
from tickets.models import Mailbox


def register() -> None:
    """Jobs, the words of answers, where answers go, and the pages of the settings."""
    register_job(HANDLE, handle_mail)
    register_job(TRY, try_mailbox)
    register_handler(Channel.MAIL, HANDLE)
    for kind, message_kind in saying.KINDS.items():
        register_message(kind, message_kind)
    register_reply_address(reply_address)
    register_settings(
        SettingsPlace(
            "settings_mailboxes", _("Mailboxes"),
            _("Mail that becomes tickets and replies."), "mail", "channels",
        )
    )  # fmt: skip
    register_settings(
        SettingsPlace(
            "incoming", _("Incoming"),
            _("Mails and chat messages that wait for somebody, and what became of the others."),
            "inbox", "channels",
        )
    )  # fmt: skip


def try_mailbox(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Look whether a mailbox can be read; one that is switched on is read at once."""
    mailbox = Mailbox.objects.filter(pk=payload["mailbox_id"]).first()
    if mailbox is not None:
        reading.look_into(mailbox, now)


def reply_address(thread: str) -> str:
    """The mailbox that reads answers to our mails; with the reference where it takes that."""
    mailbox = Mailbox.objects.filter(is_active=True).order_by("pk").first()
    if mailbox is None or not thread.startswith("ticket-"):
        return ""
    if not mailbox.tags_replies:
        return mailbox.address
    name, _sign, host = mailbox.address.partition("@")
    return f"{name}+{signed(thread)}@{host}"
