"""Sign-in by user name and password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import Subquery
from django.http import HttpRequest

from accounts.models import Company, User


class PeopleBackend(BaseBackend):
    """User names are case-insensitive; people who left or were imported cannot sign in."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if not username or password is None:
            return None
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            # The same work for an unknown name, so that time does not tell who exists.
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.may_sign_in else None

    def get_user(self, user_id: int) -> User | None:
        # The company's name stands on every page; it comes along with the person.
        named = Company.objects.filter(pk=Company.ONLY).values("name")
        user = User.objects.annotate(company_name=Subquery(named)).filter(pk=user_id).first()
        return user if user and user.may_sign_in else None
