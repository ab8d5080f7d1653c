"""Slack: an incoming webhook. One message a second; refusals come with a status of their own."""

import re
from typing import Any

from core.channels.apprise import AppriseProvider


def accepted(body: Any, text: str) -> str:
    """Slack answers "ok", and a word such as `no_service` where the webhook is gone."""
    return "" if text.strip() == "ok" else text[:200] or "nothing"


PROVIDER = AppriseProvider(
    name="slack",
    label="Slack",
    example="https://hooks.slack.com/services/T…/B…/…",
    per_minute=60,
    per_second=1,
    module="apprise.plugins.slack",
    plugin="NotifySlack",
    pattern=re.compile(
        r"https://hooks\.slack\.com/services/"
        r"(?P<token_a>[A-Za-z0-9]+)/(?P<token_b>[A-Za-z0-9]+)/(?P<token_c>[A-Za-z0-9]+)/?"
    ),
    accepted=accepted,
    arguments={"include_image": False, "include_footer": False},
)
