"""Signing in by a token: `Authorization: Bearer opsdesk_…`."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions, permissions, status
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts.actions.tokens import PREFIX, mark_token_used
from accounts.models import ApiToken, User
from accounts.policies import token_digest


class TokenRefused(exceptions.APIException):
    """The same words for an unknown, a revoked and an expired token: none tells which."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "token_refused"
    default_detail = _("This token opens nothing: it is unknown, revoked or over.")
    auth_header = "Bearer"


class OnlyReads(exceptions.APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "token_only_reads"
    default_detail = _("This token may only read. Ask an administrator for one that may write.")


class TokenAuthentication(BaseAuthentication):
    """The person of the token, with everything they may do, or only to read."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        now = timezone.now()
        token = _token_called(words[1].decode("latin-1") if len(words) == 2 else "", now)
        if token.reads_only and request.method not in permissions.SAFE_METHODS:
            raise OnlyReads
        mark_token_used(token, now)
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _token_called(text: str, now: dt.datetime) -> ApiToken:
    if not text.startswith(PREFIX):
        raise TokenRefused
    token = (
        ApiToken.objects.filter(digest=token_digest(text), is_active=True)
        .select_related("person")
        .first()
    )
    if token is None or not token.person.may_sign_in:
        raise TokenRefused
    if token.expires_on is not None and token.expires_on < timezone.localdate(now):
        raise TokenRefused
    return token


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
