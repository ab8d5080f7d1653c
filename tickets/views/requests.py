"""The request behind `login_required`, as the type checker should see it."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request whose person is known. Never made: middleware gives it these attributes."""

    user: User
    htmx: HtmxDetails
