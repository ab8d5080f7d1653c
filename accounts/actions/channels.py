"""Where a person gets chat messages besides their e-mail."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from core.channels.addresses import drop_address, keep_address
from core.models import ChatAddress


def set_chat_address(
    person: User, provider: str, url: str, secret: str = "", *, acting_user: User, now: dt.datetime
) -> ChatAddress:
    """Send the person's chat messages to this robot. Raises `BadInput` naming field and remedy."""
    return keep_address(
        User.SUBJECT, person.pk, provider, url, secret, acting_user=acting_user, now=now
    )


def remove_chat_address(person: User, *, acting_user: User, now: dt.datetime) -> None:
    """Send the person no chat messages any more; address and secret are forgotten."""
    drop_address(User.SUBJECT, person.pk, acting_user=acting_user, now=now)
