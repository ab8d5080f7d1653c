"""Who may write the pages and the announcements of which product."""

from __future__ import annotations

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole


def may_write(user: User, product_id: int) -> bool:
    """Agents write the manuals of their products."""
    return rights_of(user).covers(PermissionRole.AGENT, product_id)


def may_announce(user: User, product_id: int | None) -> bool:
    """Agents announce what is about their products; about the house, agents of every product."""
    rights = rights_of(user)
    if product_id is None:
        return rights.products_as(PermissionRole.AGENT) is None and rights.is_agent
    return rights.covers(PermissionRole.AGENT, product_id)
