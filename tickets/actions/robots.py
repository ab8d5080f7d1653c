"""Robots that people write to in a chat: set one up, change it, switch it off, try it."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Product
from core import outbox
from core.changes import add, refuse, refuse_taken, refuse_unsealable, revise
from tickets.choices import Strangers
from tickets.models import ChatRobot

#: The job that asks the chat whether the credentials work.
TRY = "tickets.try_robot"
#: Columns that are never shown again; left empty they stay as they are.
SECRETS = ("token", "aes_key", "secret")


def create_robot(
    fields: Mapping[str, Any], *, acting_user: User | None, now: dt.datetime
) -> ChatRobot:
    """Take messages of this robot from now on. Raises `BadInput` naming the field.

    Whether the credentials can work is for the chat's provider to say, before this is called.
    """
    row = ChatRobot(**fields, key=secrets.token_urlsafe(32))
    return add(row, acting_user=acting_user, now=now, guard=guard_robot)


def edit_robot(
    robot: ChatRobot,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> ChatRobot:
    """Change a robot; an empty secret keeps the one there is. Raises `StaleWrite`, `BadInput`."""
    kept = {name: value for name, value in fields.items() if value or name not in SECRETS}
    with transaction.atomic():
        row = revise(
            robot, "edit", kept, acting_user=acting_user, now=now, seen_version=seen_version,
            guard=guard_robot,
        )  # fmt: skip
        ChatRobot.objects.filter(pk=row.pk).update(failed_at=None, last_error="")
    return row


def try_robot(robot: ChatRobot, *, now: dt.datetime) -> str:
    """Have a worker ask the chat for a token. Returns the key of the job."""
    key = f"robot-try:{robot.pk}:{int(now.timestamp())}"
    with transaction.atomic():
        outbox.job(TRY, {"robot_id": robot.pk}, key=key, now=now)
    return key


def guard_robot(row: ChatRobot) -> None:
    """Refuse a robot that could not work, naming the field."""
    refuse_taken(ChatRobot.objects.exclude(pk=row.pk).filter(name__iexact=row.name), "name",
                 row.name)  # fmt: skip
    refuse_unsealable(row)
    if not Product.objects.filter(pk=row.product_id, is_active=True).exists():
        refuse("product", _("This product is not in use any more."), _("Choose another one."),
               row.product_id)  # fmt: skip
    if row.strangers == Strangers.STAND_IN and (
        row.stand_in is None or not row.stand_in.may_sign_in
    ):
        refuse("stand_in", _("A stand-in with a working account is needed."),
               _("Choose the colleague whose tickets they become."))  # fmt: skip
