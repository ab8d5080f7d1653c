"""People, departments, positions, sign-in and preferences."""

from django.apps import AppConfig

from core.registry import register_job, register_readers


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # Models must be loaded first.
        from accounts.access import reader_of  # noqa: PLC0415
        from accounts.tasks import send_password_reset  # noqa: PLC0415

        register_job("accounts.send_password_reset", send_password_reset)
        register_readers(reader_of)
