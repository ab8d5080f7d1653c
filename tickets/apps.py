"""Tickets, the five levels, causes and conversation."""

from django.apps import AppConfig

from core.keys import register_keys
from core.registry import register_notice, register_suggestions


class TicketsConfig(AppConfig):
    name = "tickets"

    def ready(self) -> None:
        # Models must be loaded first.
        from tickets.notifications import KINDS  # noqa: PLC0415
        from tickets.rendering.keys import DESK_KEYS  # noqa: PLC0415
        from tickets.suggest import KnownIssueSuggestions  # noqa: PLC0415

        for kind, notice_kind in KINDS.items():
            register_notice(kind, notice_kind)
        register_suggestions(KnownIssueSuggestions())
        register_keys("desk", DESK_KEYS)
