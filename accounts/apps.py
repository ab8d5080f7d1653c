"""People, departments, positions, sign-in and preferences."""

from django.apps import AppConfig

from core.registry import register_job


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts.tasks import send_password_reset  # noqa: PLC0415  (models come first)

        register_job("accounts.send_password_reset", send_password_reset)
