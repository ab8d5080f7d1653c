"""WeCom (企业微信): a group robot. 20 messages a minute; refusals come with status 200."""

import re

from django.utils.translation import gettext_lazy as _

from core.channels.apprise import AppriseProvider, code_is_zero

PROVIDER = AppriseProvider(
    name="wecom",
    label=_("WeCom"),
    example="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
    per_minute=20,
    module="apprise.plugins.wecombot",
    plugin="NotifyWeComBot",
    pattern=re.compile(
        r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=(?P<key>[A-Za-z0-9_-]+)"
    ),
    accepted=code_is_zero("errcode"),
)
