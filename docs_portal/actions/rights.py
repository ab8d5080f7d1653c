"""The guard all writing shares."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import NotAllowed, Problem
from docs_portal.policies import may_write


def require_writer(user: User, product_id: int) -> None:
    """Raises NotAllowed for who does not write the manual of this product."""
    if not may_write(user, product_id):
        raise NotAllowed(
            Problem(
                "product", _("You do not write the manual of this product."),
                _("Ask an agent of the product."),
            )
        )  # fmt: skip
