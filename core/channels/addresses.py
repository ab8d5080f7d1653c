"""Where chat messages for a person or a team go: kept with its history, shown never in full."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import events, outbox
from core.changes import actor_id, add, refuse_unsealable, revise
from core.channels.chat import provider_named, provider_names, shown_address
from core.errors import BadInput, Problem
from core.models import ChatAddress, OutboxRow
from core.registry import Message, Reader

TEST = "core.channel_test"


@dataclass(frozen=True)
class AddressShown:
    """An address as pages show it."""

    label: str
    where: str
    sent_at: dt.datetime | None
    failed_at: dt.datetime | None
    error: str


def shown(address: ChatAddress) -> AddressShown:
    """The chat and its host; never the whole address, which lets anybody write there."""
    return AddressShown(
        str(provider_named(address.provider).label), shown_address(address.url), address.sent_at,
        address.failed_at, address.last_error,
    )  # fmt: skip


class TestMessage:
    """What a new address gets when somebody tries it."""

    def compose(
        self, reader: Reader, params: Mapping[str, Any], now: dt.datetime
    ) -> Message | None:
        return Message(
            title=gettext("OpsDesk can write here"),
            text=gettext("This is a test message. Nothing is asked of you."),
        )


def address_of(subject: str, subject_id: int) -> ChatAddress | None:
    """The address in use, if there is one."""
    return ChatAddress.objects.filter(
        subject=subject, subject_id=subject_id, is_active=True
    ).first()


def keep_address(
    subject: str,
    subject_id: int,
    provider: str,
    url: str,
    secret: str,
    *,
    acting_user: models.Model | None,
    now: dt.datetime,
) -> ChatAddress:
    """Set the address of a person or team; checked by its provider. Raises `BadInput`."""
    if provider not in provider_names():
        raise BadInput(
            Problem("provider", _("There is no such chat."), ", ".join(provider_names()), provider)
        )
    url, secret = url.strip(), secret.strip()
    provider_named(provider).check(url, secret)
    fields = {"provider": provider, "url": url, "secret": secret, "is_active": True}
    with transaction.atomic():
        row = ChatAddress.objects.filter(subject=subject, subject_id=subject_id).first()
        if row is None:
            row = ChatAddress(subject=subject, subject_id=subject_id, **fields)
            return add(row, acting_user=acting_user, now=now, guard=refuse_unsealable)
        row = revise(row, "edit", fields, acting_user=acting_user, now=now, guard=refuse_unsealable)
        ChatAddress.objects.filter(pk=row.pk).update(sent_at=None, failed_at=None, last_error="")
        return row


def drop_address(
    subject: str, subject_id: int, *, acting_user: models.Model | None, now: dt.datetime
) -> None:
    """Send nothing there any more, and forget address and secret."""
    with transaction.atomic():
        row = address_of(subject, subject_id)
        if row is None:
            return
        locked = events.lock(ChatAddress, row.pk)
        events.change(
            locked, "remove", actor_id=actor_id(acting_user), now=now,
            fields={"is_active": False, "url": "", "secret": ""},
        )  # fmt: skip


def send_test(address: ChatAddress, *, now: dt.datetime) -> None:
    """Send a greeting there, so that whoever set it up sees that it works."""
    key = f"channel-test:{address.pk}:{int(now.timestamp())}"
    to = address.subject_id if address.subject == "user" else None
    outbox.send(
        OutboxRow.Kind.CHAT, TEST, {}, key=key, now=now, to=to,
        address=None if to else address.pk, delay=dt.timedelta(0),
    )  # fmt: skip
