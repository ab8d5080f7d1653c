"""Domain words of people as chainable querysets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.base_user import BaseUserManager
from django.db import models

if TYPE_CHECKING:
    from accounts.models import User


class UserQuerySet(models.QuerySet["User"]):
    def working_here(self) -> UserQuerySet:
        """People who have an account that works and have not left."""
        return self.filter(is_active=True, left_on__isnull=True, imported=False)


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """People by user name, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        user: User = self.get(username__iexact=username)
        return user
