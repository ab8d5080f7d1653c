"""Tickets, the five levels, causes and conversation."""

from django.apps import AppConfig

from core.registry import register_notice


class TicketsConfig(AppConfig):
    name = "tickets"

    def ready(self) -> None:
        from tickets.notifications import KINDS  # noqa: PLC0415  (models must be loaded first)

        for kind, notice_kind in KINDS.items():
            register_notice(kind, notice_kind)
