"""The composition root as a Django app: its system checks and house-wide commands."""

from django.apps import AppConfig


class OpsDeskConfig(AppConfig):
    name = "opsdesk"

    def ready(self) -> None:
        from opsdesk import checks  # noqa: F401, PLC0415  (checks register on import)
