"""The composition root as a Django app: its system checks and house-wide commands."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

from core.registry import register_commands


class OpsDeskConfig(AppConfig):
    name = "opsdesk"

    def ready(self) -> None:
        from opsdesk import checks  # noqa: F401, PLC0415  (checks register on import)
        from opsdesk.foundations import after_migrate  # noqa: PLC0415  (models come first)
        from opsdesk.search import (  # noqa: PLC0415
            AfterActCommands,
            PlaceCommands,
            SettingsCommands,
        )

        for group in (PlaceCommands(), AfterActCommands(), SettingsCommands()):
            register_commands(group)
        # Django sends the signal for apps with models only; reports is the last of ours.
        post_migrate.connect(after_migrate, sender=apps.get_app_config("reports"))
