"""Tokens by which programs use the API as a person."""

from __future__ import annotations

import datetime as dt
import secrets

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiToken, User
from accounts.policies import token_digest
from core.changes import add, checked_text, refuse, revise

#: Says what it is wherever it turns up, so that scanners of repositories know it.
PREFIX = "opsdesk_"
SHOWN = 12
#: How exactly the last use is kept.
USE_KEPT = dt.timedelta(minutes=1)


def issue_token(
    person: User,
    name: str,
    *,
    reads_only: bool,
    expires_on: dt.date | None,
    acting_user: User | None,
    now: dt.datetime,
) -> tuple[ApiToken, str]:
    """A new token of the person, and its text, which is kept nowhere. Raises `BadInput`."""
    name = checked_text("name", name, maximum=80)
    if not person.may_sign_in:
        refuse("person", _("%(name)s may not sign in.") % {"name": person.name},
               _("Choose somebody who works here."), person.username)  # fmt: skip
    if expires_on is not None and expires_on < timezone.localdate(now):
        refuse("expires_on", _("%(day)s is over.") % {"day": expires_on},
               _("Choose today or a later day, or leave it empty."), expires_on)  # fmt: skip
    text = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        person=person, name=name, digest=token_digest(text), start=text[:SHOWN],
        reads_only=reads_only, expires_on=expires_on, created_at=now,
    )  # fmt: skip
    return add(row, acting_user=acting_user, now=now), text


def revoke_token(token: ApiToken, *, acting_user: User | None, now: dt.datetime) -> ApiToken:
    """The token opens nothing any more, at once and for good."""
    return revise(token, "revoke", {"is_active": False}, acting_user=acting_user, now=now)


def mark_token_used(token: ApiToken, now: dt.datetime) -> None:
    """Keep when a token was used, to the minute: a busy program costs no write a request."""
    if token.last_used_at is None or now - token.last_used_at >= USE_KEPT:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
