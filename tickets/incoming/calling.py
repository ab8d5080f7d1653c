"""Calls to a chat's API: to its own hosts or through the company's gateway, short and bounded.

A reply address comes with a message, and a file's address with an answer. Neither may lead
anywhere but to the provider, or (files) to a public host: `core.channels.safety` decides.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import urllib3
from django.conf import settings
from django.core.cache import cache

from core.channels.errors import ServerAway, Unsent
from core.channels.safety import Forbidden, checked_url, reachable
from core.errors import BadInput

TIMEOUT = urllib3.Timeout(connect=5, read=10)
ANSWER_BYTES = 200_000
#: Seconds before its end at which a token is no longer used.
TOKEN_MARGIN = 300


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The answer as an object. Raises `Unsent`."""
        try:
            found = json.loads(self.body)
        except ValueError as error:
            raise Unsent(f"status {self.status}, and no JSON") from error
        if not isinstance(found, dict):
            raise Unsent(f"status {self.status}, and no JSON object")
        return found


def call_api(
    method: str,
    url: str,
    provider: str,
    hosts: Collection[str],
    *,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    most: int = ANSWER_BYTES,
) -> Reply:
    """Call one of the provider's own `hosts`. Raises `Unsent`, `ServerAway`."""
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.hostname not in hosts or parts.port not in (None, 443):
        raise Unsent(f"{parts.hostname} is no host of {provider}")
    sent = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    kind = {"Content-Type": "application/json; charset=utf-8"} if sent is not None else {}
    gateway = settings.CHAT_GATEWAYS.get(provider)
    if gateway:
        own = urlsplit(gateway)
        path = own.path.rstrip("/") + parts.path
        url = urlunsplit((own.scheme, own.netloc, path, parts.query, ""))
    return _call(method, url, sent, {**kind, **(headers or {})}, most, is_ours=bool(gateway))


def download(url: str, most: int) -> Reply:
    """A file from a public address that a provider named. Raises `Unsent`."""
    try:
        return _call("GET", checked_url(url), None, {}, most)
    except BadInput as error:
        raise Unsent("the file stands at an address that may not be called") from error


def _call(
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    most: int,
    *,
    is_ours: bool = False,
) -> Reply:
    """One call to the address that was checked; redirects are answers, not followed."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        # A gateway is named by whoever runs the house, in whatever network it stands.
        address = host if is_ours else reachable(host, port)
        with _pool(parts.scheme, address, host, port) as pool:
            answer = pool.urlopen(
                method, target, body=body, headers={**headers, "Host": parts.netloc},
                redirect=False, retries=False, timeout=TIMEOUT, preload_content=False,
            )  # fmt: skip
            # One more than allowed tells a file that is too large from one that just fits.
            content = answer.read(most + 1, decode_content=True)
            answer.close()
    except Forbidden as error:
        raise Unsent(str(error)) from error
    except (OSError, urllib3.exceptions.HTTPError) as error:
        # The address may hold a secret: the error's own words would print it.
        raise ServerAway(f"{type(error).__name__} from {host}") from error
    if len(content) > most:
        raise Unsent(f"the answer of {host} is too large")
    return Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, content)


def _pool(scheme: str, address: str, host: str, port: int) -> urllib3.HTTPConnectionPool:
    if scheme == "https":
        # The certificate must be that of the name, though the call goes to its address.
        return urllib3.HTTPSConnectionPool(
            address, port, server_hostname=host, assert_hostname=host
        )
    return urllib3.HTTPConnectionPool(address, port)


def kept_token(robot_id: int, version: int) -> str:
    """The robot's token as long as it is good; "" where there is none."""
    return str(cache.get(_token_key(robot_id, version)) or "")


def keep_token(robot_id: int, version: int, token: str, seconds: object) -> None:
    """Keep a token until shortly before its end, for these very credentials (`version`)."""
    lasts = int(seconds) if isinstance(seconds, int) else 0
    if lasts > TOKEN_MARGIN:
        cache.set(_token_key(robot_id, version), token, lasts - TOKEN_MARGIN)


def drop_token(robot_id: int, version: int) -> None:
    """Forget a token that the provider takes no more."""
    cache.delete(_token_key(robot_id, version))


def _token_key(robot_id: int, version: int) -> str:
    return f"tickets.incoming.token:{robot_id}:{version}"
