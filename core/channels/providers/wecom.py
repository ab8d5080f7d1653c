"""WeCom (企业微信): a group robot. 20 messages a minute of 2,048 bytes; refusals have status 200.

Limits: WeCom's manual 群机器人配置说明 (消息发送频率限制, text.content).
"""

import re

from django.utils.translation import gettext_lazy as _

from core.channels.apprise import AppriseProvider, code_is_zero, waits_for

PROVIDER = AppriseProvider(
    name="wecom",
    label=_("WeCom"),
    example="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
    per_minute=20,
    most_bytes=2048,
    module="apprise.plugins.wecombot",
    plugin="NotifyWeComBot",
    pattern=re.compile(
        r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=(?P<key>[A-Za-z0-9_-]+)"
    ),
    accepted=code_is_zero("errcode"),
    too_fast=waits_for("errcode", {45009: 60, 45033: 60}),
)
