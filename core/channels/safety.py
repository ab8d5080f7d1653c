"""Which addresses outside we may call: never into our own network by somebody's wish (SSRF)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import BadInput, Problem

#: RFC 6052: the last 32 bits are an IPv4 address.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Forbidden(Exception):
    """The host stands in a private range that the settings do not allow."""


def checked_url(url: str, *, field: str = "url") -> str:
    """An address that may be kept: https, a host, no user name. Raises `BadInput`.

    http is accepted for hosts that `OPSDESK_ALLOWED_PRIVATE_HOSTS` names, and only for those.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or parts.scheme not in ("https", "http") or parts.username is not None:
        raise BadInput(
            Problem(
                field, _("This is not a web address."),
                _("Paste the whole address, beginning with https://."), url[:80],
            )
        )  # fmt: skip
    if parts.scheme == "http" and not _is_named(host):
        raise BadInput(
            Problem(
                field, _("Messages leave over https only."),
                _("Paste the address that begins with https://."), f"http://{host}",
            )
        )  # fmt: skip
    if (literal := _literal(host)) is not None and not _is_allowed(host, literal):
        raise BadInput(
            Problem(
                field, _("This address stands in a private network."),
                _("Ask whoever runs OpsDesk to allow it (OPSDESK_ALLOWED_PRIVATE_HOSTS)."), host,
            )
        )  # fmt: skip
    return url


def reachable(host: str, port: int) -> str:
    """One address of `host` that may be called; the call goes to it and not to the name again.

    Every address of the name must be allowed: a name with a public and a private one is how
    filters are passed by. Raises `Forbidden`, `OSError` when the name is unknown.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
    for address in addresses:
        if not _is_allowed(host, address):
            raise Forbidden(f"{host} is {address}, in a private network")
    return str(addresses[0])


def _literal(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _inside(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 address leads to: mapped, by 6to4, or by NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_allowed(host: str, address: IPAddress) -> bool:
    address = _inside(address)
    if address.is_global and not address.is_multicast:
        return True
    return _is_named(host) or any(address in network for network in _networks())


def _is_named(host: str) -> bool:
    literal = _literal(host)
    if literal is not None and any(literal in network for network in _networks()):
        return True
    return host.lower() in _names()


def _names() -> Sequence[str]:
    return [str(entry).lower() for entry in settings.ALLOWED_PRIVATE_HOSTS]


def _networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    found = []
    for entry in settings.ALLOWED_PRIVATE_HOSTS:
        try:
            found.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            continue  # a name
    return found
