"""The kernel as a Django app: grants to the app role follow each migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core.grants import grant_app_role  # noqa: PLC0415  (models must be loaded first)

        post_migrate.connect(grant_app_role, sender=self)
