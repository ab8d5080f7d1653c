"""Mailboxes that are read into tickets: set one up, change it, switch it off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Product
from core import outbox
from core.changes import add, refuse, refuse_taken, refuse_unsealable, revise
from tickets.choices import Strangers
from tickets.models import Mailbox

#: The job that looks whether a mailbox can be read, and reads it where it is switched on.
TRY = "tickets.try_mailbox"
#: Columns that say which folder it is: after a change it is read as a new one.
_PLACE = frozenset({"host", "port", "username", "folder"})


def create_mailbox(
    fields: Mapping[str, Any], *, acting_user: User | None, now: dt.datetime
) -> Mailbox:
    """Read this mailbox from now on. Raises `BadInput` naming the field."""
    return add(Mailbox(**fields), acting_user=acting_user, now=now, guard=guard_mailbox)


def edit_mailbox(
    mailbox: Mailbox,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Mailbox:
    """Change a mailbox; an empty `secret` keeps the one there is.

    Raises `StaleWrite`, `BadInput`.
    """
    fields = dict(fields)
    if not fields.get("secret"):
        fields.pop("secret", None)
    with transaction.atomic():
        moved = any(getattr(mailbox, name) != fields.get(name, getattr(mailbox, name))
                    for name in _PLACE)  # fmt: skip
        row = revise(
            mailbox, "edit", fields, acting_user=acting_user, now=now, seen_version=seen_version,
            guard=guard_mailbox,
        )  # fmt: skip
        if moved:
            Mailbox.objects.filter(pk=row.pk).update(uid_validity=None, last_uid=0)
        Mailbox.objects.filter(pk=row.pk).update(failed_at=None, last_error="")
    return row


def try_mailbox(mailbox: Mailbox, *, now: dt.datetime) -> str:
    """Have a worker look at the mailbox now. Returns the key by which the page asks how it went."""
    key = f"mailbox-try:{mailbox.pk}:{int(now.timestamp())}"
    with transaction.atomic():
        outbox.job(TRY, {"mailbox_id": mailbox.pk}, key=key, now=now)
    return key


def guard_mailbox(row: Mailbox) -> None:
    """Refuse a mailbox that could not work, naming the field."""
    others = Mailbox.objects.exclude(pk=row.pk)
    refuse_taken(others.filter(name__iexact=row.name), "name", row.name)
    refuse_taken(others.filter(address__iexact=row.address), "address", row.address)
    same = others.filter(
        host__iexact=row.host, username=row.username, folder=row.folder, is_active=True
    ).first()
    if same is not None and row.is_active:
        refuse("folder", _("“%(name)s” reads this folder already.") % {"name": same.name},
               _("Choose another folder, or switch that one off."), row.folder)  # fmt: skip
    if not row.secret:
        refuse("secret", _("The password is missing."),
               _("Many mail services want an app password or authorisation code."))  # fmt: skip
    refuse_unsealable(row)
    if any(sign in row.host for sign in " /@:"):
        refuse("host", _("This is no server name."), _("Write it like imap.example.com."),
               row.host)  # fmt: skip
    if not Product.objects.filter(pk=row.product_id, is_active=True).exists():
        refuse("product", _("This product is not in use any more."), _("Choose another one."),
               row.product_id)  # fmt: skip
    if row.strangers == Strangers.STAND_IN and (
        row.stand_in is None or not row.stand_in.may_sign_in
    ):
        refuse("stand_in", _("A stand-in with a working account is needed."),
               _("Choose the colleague whose tickets they become."))  # fmt: skip
