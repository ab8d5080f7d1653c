"""DingTalk (钉钉): a group robot, signed when it has a secret. 20 messages a minute.

Whoever sends more is shut out for ten minutes (DingTalk's manual, 自定义机器人, error 130101).
"""

import re

from django.utils.translation import gettext_lazy as _

from core.channels.apprise import AppriseProvider, code_is_zero, waits_for

PROVIDER = AppriseProvider(
    name="dingtalk",
    label=_("DingTalk"),
    example="https://oapi.dingtalk.com/robot/send?access_token=…",
    per_minute=20,
    module="apprise.plugins.dingtalk",
    plugin="NotifyDingTalk",
    pattern=re.compile(
        r"https://oapi\.dingtalk\.com/robot/send\?access_token=(?P<token>[A-Za-z0-9]+)"
    ),
    accepted=code_is_zero("errcode"),
    too_fast=waits_for("errcode", {130101: 600, 660026: 600}),
    secret_argument="secret",  # noqa: S106  (the name of an argument)
)
