"""Links by which a person sets a password of their own and signs in for the first time."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.policies import password_path
from core import outbox
from core.changes import refuse, revise


def make_sign_in_link(person: User, *, acting_user: User | None, now: dt.datetime) -> str:
    """The path that sets the person's password, once and for three days; that it was made is kept.

    For who has no password yet, or no mail to ask for a new one. Raises `BadInput` for who may not
    sign in at all.
    """
    _refuse_shut_out(person)
    revise(person, "make_sign_in_link", {}, acting_user=acting_user, now=now, data={"way": "shown"})
    return password_path(person)


def mail_sign_in_link(
    person: User, base_url: str, *, acting_user: User | None, now: dt.datetime
) -> None:
    """Mail the person such a link. Raises `BadInput` without an address of theirs."""
    _refuse_shut_out(person)
    if not person.email:
        refuse(
            "email", _("%(name)s has no e-mail address.") % {"name": person.name},
            _("Write one above and save it, or make a link and hand it over."),
        )  # fmt: skip
    revise(person, "make_sign_in_link", {}, acting_user=acting_user, now=now, data={"way": "mail"})
    outbox.job(
        "accounts.send_sign_in_link",
        {"user_id": person.pk, "base_url": base_url},
        key=f"sign_in_link:{person.pk}:{now:%Y%m%d%H%M}",
        now=now,
    )


def _refuse_shut_out(person: User) -> None:
    if not person.may_sign_in:
        refuse(
            "person", _("%(name)s may not sign in.") % {"name": person.name},
            _("Switch the account on first."), person.username,
        )  # fmt: skip
