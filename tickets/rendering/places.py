"""Pages of the settings that belong to the conversation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.registry import SettingsPlace

CONVERSATION_SETTINGS = (
    SettingsPlace(
        "shared_macros", _("Shared macros"),
        _("Prepared answers for everybody on the desk, with what is done to the ticket."), "bolt",
    ),
    SettingsPlace(
        "procedures", _("Procedures"),
        _("The steps for tickets of a type, ticked on the ticket."), "check",
    ),
)  # fmt: skip
