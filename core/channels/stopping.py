"""The signed link in a mail by which its reader gets no more of the kind (RFC 8058).

It works signed out and for as long as the mail is kept: the link names a person and a group of
notices, and all it can do is to change how that one group is told.
"""

from __future__ import annotations

from django.core import signing
from django.urls import reverse

_SALT = "core.channels.stopping"


def stop_path(user_id: int, group: str) -> str:
    """Where mails of a group stop for a person."""
    return reverse("unsubscribe", args=[stop_token(user_id, group)])


def stop_token(user_id: int, group: str) -> str:
    return signing.Signer(salt=_SALT).sign_object([user_id, group])


def read_stop_token(token: str) -> tuple[int, str] | None:
    """Whom and which group a link names; None when it is not one of ours."""
    try:
        user_id, group = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (user_id, group) if isinstance(user_id, int) and isinstance(group, str) else None
