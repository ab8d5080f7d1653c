"""The kernel as a Django app: grants to the app role follow each migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from core.registry import register_message


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        # Models must be loaded first.
        from core import clock  # noqa: F401, PLC0415  (hears what workers finish)
        from core.channels.addresses import TEST, TestMessage  # noqa: PLC0415
        from core.grants import grant_app_role  # noqa: PLC0415

        register_message(TEST, TestMessage())

        post_migrate.connect(grant_app_role, sender=self)
