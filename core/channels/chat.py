"""Chat messages: a provider is one module of `providers/`, found by its name."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from core.channels import providers

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class ChatMessage:
    """What a provider gets: `id` stays the same when a message is sent again."""

    id: str
    title: str
    body: str
    #: The parts, for providers that take them apart (the signed webhook).
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    thread: str = ""


class Provider(Protocol):
    """One chat. `check` refuses an address or secret that could never work (`BadInput`)."""

    label: str | StrPromise
    #: What its address looks like, shown beside the field.
    example: str
    #: Messages a minute that one address takes.
    per_minute: int
    #: Bytes of UTF-8 that one message takes, title and all; longer ones are shortened.
    most_bytes: int

    @property
    def limits(self) -> tuple[tuple[int, int], ...]:
        """So many messages in so many seconds."""
        ...

    def check(self, url: str, secret: str) -> None: ...

    def send(self, url: str, secret: str, message: ChatMessage) -> None:
        """Raises `Unsent` unless the provider says that it took the message.

        `TooFast` when it says that it takes no more for now.
        """
        ...


@cache
def provider_names() -> tuple[str, ...]:
    return tuple(sorted(found.name for found in pkgutil.iter_modules(providers.__path__)))


@cache
def provider_named(name: str) -> Provider:
    """Raises `LookupError` for a name without a file."""
    if name not in provider_names():
        raise LookupError(f"no chat provider is called {name!r}; there are {provider_names()}")
    provider: Provider = import_module(f"{providers.__name__}.{name}").PROVIDER
    return provider


def shown_address(url: str) -> str:
    """An address as pages show it: its host, and nothing that would let the reader write there."""
    return f"{urlsplit(url).hostname or '?'}/…{url[-4:]}"
