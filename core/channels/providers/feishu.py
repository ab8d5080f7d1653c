"""Feishu (飞书): a group robot, signed when it has a secret. 100 messages a minute, 5 a
second.

Apprise sends Feishu's messages unsigned; the signature of robots with a secret is added here
(HMAC-SHA256 with the key `timestamp + "\\n" + secret` over nothing, in Base64; Feishu's manual,
"Custom bot usage guide").
"""

import base64
import hashlib
import hmac
import re
import time
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.channels.apprise import AppriseProvider, code_is_zero, waits_for


def signed(body: dict[str, Any], secret: str) -> dict[str, Any]:
    """The message with Feishu's signature, for robots that ask for one."""
    if not secret:
        return body
    timestamp = str(int(time.time()))  # the provider compares it with its own clock
    key = f"{timestamp}\n{secret}".encode()
    sign = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    return {"timestamp": timestamp, "sign": sign, **body}


PROVIDER = AppriseProvider(
    name="feishu",
    label=_("Feishu"),
    example="https://open.feishu.cn/open-apis/bot/v2/hook/…",
    per_minute=100,
    per_second=5,
    module="apprise.plugins.feishu",
    plugin="NotifyFeishu",
    pattern=re.compile(
        r"https://open\.feishu\.cn/open-apis/bot/v2/hook/(?P<token>[A-Za-z0-9_-]+)/?"
    ),
    accepted=code_is_zero("code"),
    too_fast=waits_for("code", {9499: 60, 11232: 60, 99991400: 60}),
    amend=signed,
)
