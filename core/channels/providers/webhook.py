"""A plain webhook: JSON, signed. For anything that is not one of the chats.

The signature is `X-OpsDesk-Signature: t=<Unix seconds>,v1=<hex>`, HMAC-SHA256 with the secret over
`<t>.<body>`. `id` in the body and in `X-OpsDesk-Message-Id` stays the same when a message comes
again. Any answer 2xx is "taken"; 429 with `Retry-After` is "later".
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import asdict
from urllib.parse import urlsplit

import urllib3
from django.utils.translation import gettext_lazy as _

from core.channels.chat import ChatMessage
from core.channels.errors import ServerAway, TooFast, Unsent
from core.channels.safety import Forbidden, checked_url, reachable
from core.errors import BadInput, Problem

SECRET_LENGTH = 16
TIMEOUT = urllib3.Timeout(connect=5, read=10)


def signature(secret: str, timestamp: int, body: bytes) -> str:
    digest = hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256)
    return f"t={timestamp},v1={digest.hexdigest()}"


class Webhook:
    """A receiver of the company's own."""

    label = _("Signed webhook")
    example = "https://…"
    per_minute = 60
    most_bytes = 60_000
    limits = ((60, 60),)

    def check(self, url: str, secret: str) -> None:
        checked_url(url)
        if len(secret) < SECRET_LENGTH:
            raise BadInput(
                Problem(
                    "secret", _("A webhook needs a secret of at least 16 characters."),
                    _("Make one up; the receiver checks the signature with it."),
                )
            )  # fmt: skip

    def send(self, url: str, secret: str, message: ChatMessage) -> None:
        body = json.dumps(asdict(message), ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "OpsDesk",
            "X-OpsDesk-Message-Id": message.id,
            "X-OpsDesk-Signature": signature(secret, int(time.time()), body),
        }
        status, wait = _post(url, body, headers)
        if status == 429:
            raise TooFast(wait)
        if not 200 <= status < 300:
            raise Unsent(f"the webhook answered {status}")


def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, int]:
    """POST to the address that was checked: the name is looked up once, redirects are answers.

    Returns the status, and for 429 the seconds to wait.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        address = reachable(host, port)
        with _pool(parts.scheme, address, host, port) as pool:
            answer = pool.urlopen(
                "POST", target, body=body, headers={**headers, "Host": parts.netloc},
                redirect=False, retries=False, timeout=TIMEOUT, preload_content=False,
            )  # fmt: skip
            answer.close()
            given = answer.headers.get("Retry-After", "")
            wait = int(given) if given.isdecimal() and 0 < int(given) <= 3600 else 60
            return int(answer.status), wait
    except Forbidden as error:
        raise Unsent(str(error)) from error
    except (OSError, urllib3.exceptions.HTTPError) as error:
        raise ServerAway(f"{type(error).__name__} from {host}") from error


def _pool(scheme: str, address: str, host: str, port: int) -> urllib3.HTTPConnectionPool:
    if scheme == "https":
        # The certificate must be that of the name, though the call goes to its address.
        return urllib3.HTTPSConnectionPool(
            address, port, server_hostname=host, assert_hostname=host
        )
    return urllib3.HTTPConnectionPool(address, port)


PROVIDER = Webhook()
