"""What a new company does first with its manuals."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.registry import FirstStep, SettingsPlace
from docs_portal.models import Page

MANUALS_PLACE = SettingsPlace(
    "manuals", _("Manuals"), _("Write, review and publish the pages of each product."), "book",
    "manuals",
)  # fmt: skip

FIRST_STEPS = (
    FirstStep(
        "manual", _("Publish a first manual page"),
        _("The cheapest ticket is the one nobody had to write. Members of the team of product "
          "operations write: begin there, or put yourself in the team."),
        "manuals", lambda: Page.objects.filter(published_revision__isnull=False).exists(), 130,
    ),
)  # fmt: skip
