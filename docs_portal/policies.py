"""Who may write the pages of which product."""

from __future__ import annotations

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole


def may_write(user: User, product_id: int) -> bool:
    """Agents write the manuals of their products."""
    return rights_of(user).covers(PermissionRole.AGENT, product_id)
