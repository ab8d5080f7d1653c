"""People, departments, positions, sign-in and preferences."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.keys import Key, KeyGroup, register_keys
from core.registry import register_job, register_readers

INBOX_KEYS = (
    KeyGroup(
        _("In the inbox"),
        (
            Key("notice-next", ("KeyJ",), _("Next notice")),
            Key("notice-previous", ("KeyK",), _("Previous notice")),
            Key("notice-open", ("Enter",), _("Open it and mark it read")),
            Key("notice-read", ("KeyE",), _("Mark it read, or unread again")),
            Key("notices-read", ("Shift+KeyE",), _("Mark everything read")),
        ),
    ),
)


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # Models must be loaded first.
        from accounts.access import reader_of  # noqa: PLC0415
        from accounts.actions.importing import JOB, go_on_with_people  # noqa: PLC0415
        from accounts.tasks import send_password_reset, send_sign_in_link  # noqa: PLC0415

        register_keys("inbox", INBOX_KEYS)
        register_job("accounts.send_password_reset", send_password_reset)
        register_job("accounts.send_sign_in_link", send_sign_in_link)
        register_job(JOB, go_on_with_people)
        register_readers(reader_of)
