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


class UserManager(BaseUserManager["User"]):
    """People by user name, whatever its case."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def working_here(self) -> UserQuerySet:
        return self.get_queryset().working_here()

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)
