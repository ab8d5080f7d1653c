"""What chat in offers the rest of the house by name; called once when the app is ready."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.registry import SettingsPlace, register_job, register_settings
from tickets.choices import Channel
from tickets.incoming.robots.answering import ANSWER, TRY, answer_chat, try_robot
from tickets.incoming.robots.door import HANDLE
from tickets.incoming.robots.handling import handle_chat
from tickets.incoming.waiting import register_handler


def register() -> None:
    """Jobs, who handles a message that is tried again, and the page of the settings."""
    register_job(HANDLE, handle_chat)
    register_job(ANSWER, answer_chat)
    register_job(TRY, try_robot)
    register_handler(Channel.CHAT, HANDLE)
    register_settings(
        SettingsPlace(
            "settings_robots", _("Chat robots"),
            _("Messages to a robot in WeCom, DingTalk or Feishu that become tickets."),
            "chat", "channels",
        )
    )  # fmt: skip
